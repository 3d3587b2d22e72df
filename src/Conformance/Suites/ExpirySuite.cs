namespace SessionStores.Conformance.Suites;

/// <summary>A session is expired from the instant of its expiry, whether or not anything has removed it.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class ExpirySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L1")]
    public Task An_expired_session_is_not_read() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon));

        await Context.PassAsync(soon);

        Expect.Null(await store.GetAsync(id), "the session at its expiry");
    });

    [Clause("L1", Needs = StoreCapabilities.Clock)]
    public Task A_session_lives_to_the_last_millisecond_and_no_longer() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon));

        Clock.AdvanceTo(soon.AddMilliseconds(-1));
        await HasAsync(store, id, "one");

        Clock.AdvanceTo(soon);
        Expect.Null(await store.GetAsync(id), "the session at the very instant of its expiry");
    });

    [Clause("L1", Needs = StoreCapabilities.Clock)]
    public Task Every_operation_takes_the_same_side_of_the_boundary() => RunAsync(async store =>
    {
        var ids = Enumerable.Range(0, 5).Select(_ => NewId()).ToList();
        var soon = Soon();
        foreach (var each in ids)
            await store.CreateAsync(each, Content("one", soon));

        Clock.AdvanceTo(soon);

        Expect.True(!await store.TouchAsync(ids[0], Later), "touch at the instant of expiry returns false");
        Expect.True(!await store.DestroyAsync(ids[1]), "destroy at the instant of expiry returns false");
        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(ids[2], NewId(), SessionVersion.Any, Content())).Status, "rotate at the instant of expiry");
        Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(ids[3], SessionVersion.Any, Content())).Status, "replace at the instant of expiry");
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(ids[4], Content())).Status, "create at the instant of expiry");
    });

    [Clause("L1")]
    public Task A_session_of_less_than_a_second_expires() => RunAsync(async (store, id) =>
    {
        var soon = In(TimeSpan.FromMilliseconds(150));
        await store.CreateAsync(id, Content("one", soon));

        await Context.PassAsync(soon);

        Expect.Null(await store.GetAsync(id), "the session after 150 ms");
    });

    [Clause("L1", Needs = StoreCapabilities.Clock)]
    public Task A_session_of_one_millisecond_lives_for_one_millisecond() => RunAsync(async (store, id) =>
    {
        await store.CreateAsync(id, Content("one", Clock.GetUtcNow().AddMilliseconds(1)));

        await HasAsync(store, id, "one");
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Expect.Null(await store.GetAsync(id), "the session after 1 ms");
    });

    [Clause("L9", "L1")]
    public Task Destroying_an_expired_session_returns_false() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon));
        await Context.PassAsync(soon);

        Expect.True(!await store.DestroyAsync(id), "destroy of an expired session returns false");
    });

    [Clause("L9", "L1", Needs = StoreCapabilities.StoredCount)]
    public Task Destroying_an_expired_session_removes_it() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon));
        await Context.PassAsync(soon);

        Expect.True(!await store.DestroyAsync(id), "destroy of an expired session returns false");
        Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored after the destroy of an expired session");
    });

    [Clause("L7", "L1")]
    public Task Set_stores_over_an_expired_session() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon, "alice"));
        await Context.PassAsync(soon);

        await store.SetAsync(id, Content("two"));

        Expect.Null((await HasAsync(store, id, "two")).Subject, "the subject after the set");
    });

    [Clause("L11")]
    public Task Create_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync(async store =>
    {
        foreach (var expiresAt in Past())
        {
            var id = NewId();
            await store.CreateAsync(id, Content("one", expiresAt));
            Expect.Null(await store.GetAsync(id), $"the session created with the expiry {expiresAt:O}");
        }
    });

    [Clause("L11", "L7")]
    public Task Set_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync(async store =>
    {
        foreach (var expiresAt in Past())
        {
            var id = NewId();
            await store.CreateAsync(id, Content());
            await store.SetAsync(id, Content("two", expiresAt));
            Expect.Null(await store.GetAsync(id), $"the session set with the expiry {expiresAt:O}");
        }
    });

    [Clause("L11", "L6")]
    public Task Replace_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync(async store =>
    {
        foreach (var expiresAt in Past())
        {
            var id = NewId();
            var created = await store.CreateAsync(id, Content());
            await store.ReplaceAsync(id, created.Version, Content("two", expiresAt));
            Expect.Null(await store.GetAsync(id), $"the session replaced with the expiry {expiresAt:O}");
        }
    });

    [Clause("L11", "L10")]
    public Task Rotate_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync(async store =>
    {
        foreach (var expiresAt in Past())
        {
            var (id, newId) = (NewId(), NewId());
            var created = await store.CreateAsync(id, Content());
            await store.RotateAsync(id, newId, created.Version, Content("two", expiresAt));
            Expect.Null(await store.GetAsync(id), $"the old session rotated with the expiry {expiresAt:O}");
            Expect.Null(await store.GetAsync(newId), $"the new session rotated with the expiry {expiresAt:O}");
        }
    });

    [Clause("L11")]
    public Task An_id_whose_content_had_expired_when_written_is_free() => RunAsync(async (store, id) =>
    {
        await store.CreateAsync(id, Content("one", Round(Context.Now.AddHours(-1))));

        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content("two"))).Status, "create after a create with expired content");
        await HasAsync(store, id, "two");
    });

    [Clause("L2")]
    public Task A_session_can_live_for_ever() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content("one", SessionExpiry.Never));

        Expect.Equal(SessionExpiry.Never, record.ExpiresAt);
        if (Context.HasClock)
            Clock.Advance(TimeSpan.FromDays(40));

        await HasAsync(store, id, "one");
    });

    [Clause("L2")]
    public Task A_session_can_live_to_a_far_future() => RunAsync(async store =>
    {
        foreach (var year in new[] { 2038, 2106, 2262, 2500, 9998 })
        {
            var id = NewId();
            var expiresAt = new DateTimeOffset(year, 12, 31, 23, 59, 59, TimeSpan.Zero);

            var record = await StoredAsync(store, id, Content("one", expiresAt));

            Expect.Equal(expiresAt, record.ExpiresAt, $"the expiry in the year {year}");
        }
    });

    [Clause("L2")]
    public Task The_latest_instant_of_the_calendar_is_kept() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content("one", DateTimeOffset.MaxValue.AddTicks(-1)));

        Expect.True(record.ExpiresAt.Year == 9999, $"the expiry is in the year 9999, not {record.ExpiresAt:O}");
    });

    [Clause("L2")]
    public Task An_expiry_is_kept_to_the_step_of_the_store_and_rounded_up() => RunAsync(async store =>
    {
        var whole = Later;
        foreach (var ticks in new long[] { 0, 1, 9_999, 10_000, 10_001, 4_560_000, 9_990_000 })
        {
            var id = NewId();
            var wanted = whole.AddTicks(ticks);

            var record = await StoredAsync(store, id, Content("one", wanted));

            Expect.Equal(Round(wanted), record.ExpiresAt, $"the expiry for {wanted:O}");
        }
    });

    [Clause("L2")]
    public Task An_expiry_in_another_offset_is_the_same_instant() => RunAsync(async (store, id) =>
    {
        var expiresAt = Later;

        var record = await StoredAsync(store, id, Content("one", expiresAt.ToOffset(TimeSpan.FromHours(-11))));

        Expect.Equal(expiresAt, record.ExpiresAt);
        Expect.Equal(TimeSpan.Zero, record.ExpiresAt.Offset, "the offset of the expiry");
    });

    [Clause("L1")]
    public Task Expiry_ends_one_session_and_no_other() => RunAsync(async store =>
    {
        var (id, other, immortal) = (NewId(), NewId(), NewId());
        var soon = Soon();
        await store.CreateAsync(other, Content("other"));
        await store.CreateAsync(immortal, Content("immortal", SessionExpiry.Never));
        await store.CreateAsync(id, Content("one", soon));

        await Context.PassAsync(soon);

        Expect.Null(await store.GetAsync(id), "the session at its expiry");
        await HasAsync(store, other, "other");
        await HasAsync(store, immortal, "immortal");
    });

    [Clause("L6", "L1")]
    public Task A_replaced_session_lives_past_its_first_expiry() => RunAsync(async store =>
    {
        var id = "";
        var first = await BeforeAsync(async end =>
        {
            id = NewId();
            var created = await store.CreateAsync(id, Content("one", end));
            Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, created.Version, Content("two"))).Status, "replace before the expiry");
        });
        await Context.PassAsync(first);

        await HasAsync(store, id, "two");
    });

    [Clause("L6", "L1")]
    public Task A_session_whose_life_was_shortened_expires_then() => RunAsync(async store =>
    {
        var (id, never) = (NewId(), NewId());
        var (first, second) = (await store.CreateAsync(id, Content()), await store.CreateAsync(never, Content("one", SessionExpiry.Never)));
        var soon = Soon();

        await store.ReplaceAsync(id, first.Version, Content("two", soon));
        await store.ReplaceAsync(never, second.Version, Content("two", soon));
        await Context.PassAsync(soon);

        Expect.Null(await store.GetAsync(id), "the session whose life was shortened");
        Expect.Null(await store.GetAsync(never), "the session that had no expiry before");
    });

    [Clause("L7", "L1")]
    public Task Set_can_take_the_expiry_away_and_give_one_again() => RunAsync(async (store, id) =>
    {
        await store.SetAsync(id, Content("one", Soon()));
        await store.SetAsync(id, Content("two", SessionExpiry.Never));
        Expect.Equal(SessionExpiry.Never, (await HasAsync(store, id, "two")).ExpiresAt, "the expiry after it was taken away");

        var soon = Soon();
        await store.SetAsync(id, Content("three", soon));
        await Context.PassAsync(soon);

        Expect.Null(await store.GetAsync(id), "the session after its new expiry");
    });

    private DateTimeOffset[] Past() =>
    [
        Context.HasClock ? Context.Now : Context.Now.AddMilliseconds(-1),
        Context.Now.AddTicks(-TimeSpan.TicksPerMillisecond),
        Context.Now - (2 * Fixture.ExpiryResolution),
        Context.Now.AddDays(-1000),
        DateTimeOffset.UnixEpoch,
        DateTimeOffset.MinValue,
    ];
}
