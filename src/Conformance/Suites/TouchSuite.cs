namespace SessionStores.Conformance.Suites;

/// <summary>Touch moves the expiry forward and does nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class TouchSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L8")]
    public Task Touch_moves_the_expiry_forward() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());
        var later = Round(record.ExpiresAt.AddMinutes(10));

        var wasThere = await store.TouchAsync(id, later);

        Expect.True(wasThere, "touch of a live session returns true");
        Expect.Equal(later, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry after the touch");
    });

    [Clause("L8")]
    public Task Touch_never_moves_the_expiry_back() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        var wasThere = await store.TouchAsync(id, record.ExpiresAt.AddMinutes(-30));

        Expect.True(wasThere, "touch of a live session returns true, whether or not its expiry moved");
        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry after a touch with an earlier one");
    });

    [Clause("L8", "L11")]
    public Task Touch_with_an_instant_that_has_passed_ends_nothing() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        Expect.True(await store.TouchAsync(id, Context.Now.AddHours(-1)), "touch of a live session returns true");
        Expect.True(await store.TouchAsync(id, DateTimeOffset.MinValue), "touch of a live session returns true");

        Expect.Equal(record.ExpiresAt, (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after the touch");
    });

    [Clause("L8")]
    public Task Touch_with_the_same_expiry_returns_true() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        Expect.True(await store.TouchAsync(id, record.ExpiresAt), "touch with the same expiry returns true");
        Expect.Equal(record.ExpiresAt, (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after the touch");
    });

    [Clause("L8")]
    public Task Touch_changes_neither_payload_nor_subject() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content("kept", null, "alice"));

        await store.TouchAsync(id, record.ExpiresAt.AddHours(1));

        Expect.Equal("alice", (await HasAsync(store, id, "kept")).Subject, "the subject after the touch");
    });

    [Clause("L8")]
    public Task Touch_of_an_absent_id_returns_false_and_creates_nothing() => RunAsync(async (store, id) =>
    {
        Expect.True(!await store.TouchAsync(id, Later), "touch of an absent id returns false");
        Expect.Null(await store.GetAsync(id), "the session after the touch");
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content())).Status, "create after the touch");
    });

    [Clause("L8", "L9")]
    public Task Touch_of_a_destroyed_session_returns_false_and_does_not_bring_it_back() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());
        await store.DestroyAsync(id);

        Expect.True(!await store.TouchAsync(id, Later.AddHours(1)), "touch of a destroyed session returns false");
        Expect.Null(await store.GetAsync(id), "the session after the touch");
    });

    [Clause("L8", "L1")]
    public Task Touch_of_an_expired_session_returns_false_and_does_not_bring_it_back() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon));
        await Context.PassAsync(soon);

        Expect.True(!await store.TouchAsync(id, Later), "touch of an expired session returns false");
        Expect.Null(await store.GetAsync(id), "the session after the touch");
    });

    [Clause("L8")]
    public Task Touch_can_take_the_expiry_away() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        await store.TouchAsync(id, SessionExpiry.Never);

        Expect.Equal(SessionExpiry.Never, (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after the touch");
    });

    [Clause("L8")]
    public Task Touch_does_not_give_an_expiry_to_a_session_that_has_none() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content("one", SessionExpiry.Never));

        Expect.True(await store.TouchAsync(id, Later), "touch of a live session returns true");
        Expect.Equal(SessionExpiry.Never, (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after the touch");
    });

    [Clause("L8", "L2")]
    public Task Touch_rounds_up_and_takes_any_offset() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());
        var whole = Round(record.ExpiresAt.AddHours(1));

        await store.TouchAsync(id, whole.AddTicks(-1).ToOffset(TimeSpan.FromHours(5)));

        Expect.Equal(whole, (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after the touch");
    });

    [Clause("L8")]
    public Task A_touched_session_lives_past_its_first_expiry() => RunAsync(async store =>
    {
        var id = "";
        var first = await BeforeAsync(async end =>
        {
            id = NewId();
            await store.CreateAsync(id, Content("one", end));
            Expect.True(await store.TouchAsync(id, Later), "touch before the expiry returns true");
        });
        await Context.PassAsync(first);

        await HasAsync(store, id, "one");
    });

    [Clause("L8", "L3")]
    public Task Touch_goes_past_the_limits_of_the_record() => RunAsync(async (store, id) =>
    {
        // The limits of a record are for slides; whoever touches has looked at the record.
        var payload = Json($$$"""{"cookie":{"originalMaxAge":60000},"__absolute":{{{In(TimeSpan.FromMinutes(20)).ToUnixTimeMilliseconds()}}}}""");
        await store.CreateAsync(id, new SessionContent(payload, In(TimeSpan.FromMinutes(10))));
        var later = Later;

        Expect.True(await store.TouchAsync(id, later), "touch of a live session returns true");
        Expect.Equal(later, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry after a touch past the limits of the record");
    });
}
