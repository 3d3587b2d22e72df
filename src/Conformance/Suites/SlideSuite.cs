namespace SessionStores.Conformance.Suites;

/// <summary>A read can extend what it reads, in the same step and no further than the record allows.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class SlideSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly TimeSpan Always = TimeSpan.FromDays(3650);

    [Clause("L3")]
    public Task A_slide_that_is_due_extends_the_session() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());
        var extendTo = Round(record.ExpiresAt.AddHours(1));

        var slid = Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, extendTo)));

        Expect.Equal(extendTo, slid.ExpiresAt, "the expiry that the sliding read returns");
        Expect.Equal(extendTo, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry of the next read");
    });

    [Clause("L3")]
    public Task A_slide_that_is_not_due_changes_nothing() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(30), record.ExpiresAt.AddHours(1));

        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id, slide)).ExpiresAt, "the expiry that the sliding read returns");
        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry of the next read");
    });

    [Clause("L3")]
    public Task A_slide_that_is_never_due_changes_nothing() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        foreach (var below in new[] { TimeSpan.Zero, TimeSpan.FromHours(-5) })
            await store.GetAsync(id, new SlidingExpiry(below, record.ExpiresAt.AddHours(1)));

        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry after the sliding reads");
    });

    [Clause("L3", Needs = StoreCapabilities.Clock)]
    public Task A_slide_is_due_when_less_than_the_threshold_is_left_and_not_before() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content("one", In(TimeSpan.FromMinutes(60))));
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(20), record.ExpiresAt.AddMinutes(40));

        Clock.AdvanceTo(record.ExpiresAt.AddMinutes(-20));
        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id, slide)).ExpiresAt, "the expiry with the whole threshold left");

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Expect.Equal(slide.ExtendTo.End, Expect.Found(await store.GetAsync(id, slide)).ExpiresAt, "the expiry with a millisecond less left");
    });

    [Clause("L3")]
    public Task A_slide_never_shortens() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        foreach (var extendTo in new[] { record.ExpiresAt.AddMinutes(-30), Context.Now.AddHours(-1), record.ExpiresAt })
            Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, extendTo))).ExpiresAt, $"the expiry after a slide to {extendTo:O}");

        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry of the next read");
    });

    [Clause("L3")]
    public Task A_slide_changes_neither_payload_nor_subject_nor_version() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content("kept", null, "alice"));

        await store.GetAsync(id, new SlidingExpiry(Always, record.ExpiresAt.AddHours(1)));

        var after = await HasAsync(store, id, "kept");
        Expect.Equal("alice", after.Subject);
        Expect.True(record.Version == after.Version, "the version is as it was");
    });

    [Clause("L3", "L1")]
    public Task A_slide_of_an_absent_id_returns_null_and_creates_nothing() => RunAsync(async (store, id) =>
    {
        Expect.Null(await store.GetAsync(id, new SlidingExpiry(Always, Later)), "the result of the sliding read");
        Expect.Null(await store.GetAsync(id), "the result of the next read");
    });

    [Clause("L3", "L1")]
    public Task A_slide_does_not_bring_an_expired_session_back() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon));
        await Context.PassAsync(soon);

        Expect.Null(await store.GetAsync(id, new SlidingExpiry(Always, Later)), "the result of the sliding read");
        Expect.Null(await store.GetAsync(id), "the result of the next read");
    });

    [Clause("L3", "L9")]
    public Task A_slide_does_not_bring_a_destroyed_session_back() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());
        await store.DestroyAsync(id);

        Expect.Null(await store.GetAsync(id, new SlidingExpiry(Always, Later)), "the result of the sliding read");
        Expect.Null(await store.GetAsync(id), "the result of the next read");
    });

    [Clause("L3")]
    public Task A_slide_gives_no_expiry_to_a_session_that_has_none() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content("one", SessionExpiry.Never));

        Expect.Equal(SessionExpiry.Never, Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, Later))).ExpiresAt, "the expiry after the slide");
    });

    [Clause("L3")]
    public Task A_slide_can_take_the_expiry_away() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        await store.GetAsync(id, new SlidingExpiry(Always, SessionExpiry.Never));

        Expect.Equal(SessionExpiry.Never, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry after the slide");
    });

    [Clause("L3")]
    public Task A_slide_stops_at_the_idle_time_of_the_record() => RunAsync(async (store, id) =>
    {
        var idle = TimeSpan.FromMinutes(20);
        await store.CreateAsync(id, new SessionContent(WithIdle("1200000"), In(TimeSpan.FromMinutes(10))));

        var before = Context.Now;
        var slid = Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, Later)));

        ExpectBetween(before + idle, Context.Now + idle, slid.ExpiresAt);
        Expect.Equal(slid.ExpiresAt, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry of the next read");
    });

    [Clause("L3")]
    public Task A_slide_stops_at_the_absolute_limit_of_the_record() => RunAsync(async (store, id) =>
    {
        var limit = Round(In(TimeSpan.FromMinutes(25)));
        await store.CreateAsync(id, new SessionContent(WithAbsolute(limit), In(TimeSpan.FromMinutes(10))));

        var slid = Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, Later)));

        Expect.Equal(limit, slid.ExpiresAt, "the expiry that the sliding read returns");
        Expect.Equal(limit, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry of the next read");
    });

    [Clause("L3")]
    public Task The_earlier_of_idle_time_and_absolute_limit_counts() => RunAsync(async store =>
    {
        var (soonAbsolute, soonIdle) = (NewId(), NewId());
        var limit = Round(In(TimeSpan.FromMinutes(25)));
        await store.CreateAsync(soonAbsolute, new SessionContent(WithBoth("3000000", limit), In(TimeSpan.FromMinutes(10))));
        await store.CreateAsync(soonIdle, new SessionContent(WithBoth("1200000", limit), In(TimeSpan.FromMinutes(10))));
        var slide = new SlidingExpiry(Always, Later);

        Expect.Equal(limit, Expect.Found(await store.GetAsync(soonAbsolute, slide)).ExpiresAt, "the expiry where the absolute limit is earlier");
        var before = Context.Now;
        var idle = TimeSpan.FromMinutes(20);
        ExpectBetween(before + idle, Context.Now.AddSeconds(5) + idle, Expect.Found(await store.GetAsync(soonIdle, slide)).ExpiresAt);
    });

    [Clause("L3")]
    public Task A_limit_earlier_than_the_expiry_does_not_shorten() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, new SessionContent(WithBoth("60000", In(TimeSpan.FromMinutes(2))), Later));

        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, Later.AddHours(3)))).ExpiresAt, "the expiry after the slide");
    });

    [Clause("L3")]
    public Task An_absolute_limit_that_has_passed_stops_every_slide() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, new SessionContent(WithAbsolute(Context.Now.AddHours(-1)), Later));

        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, Later.AddHours(3)))).ExpiresAt, "the expiry after the slide");
    });

    [Clause("L3")]
    public Task Limits_that_are_not_numbers_or_are_elsewhere_do_not_count() => RunAsync(async store =>
    {
        foreach (var json in new[]
        {
            """{"cookie":{"originalMaxAge":null,"path":"/"}}""",
            """{"cookie":{"originalMaxAge":"60000"},"__absolute":"1"}""",
            """{"cookie":{"originalMaxAge":{"originalMaxAge":1}},"__absolute":{"__absolute":1}}""",
            """{"cookie":[60000],"__absolute":[1]}""",
            """{"cookie":null,"__absolute":null}""",
            """{"cookie":true,"__absolute":false}""",
            """{"user":{"cookie":{"originalMaxAge":60000},"__absolute":1},"list":[{"__absolute":1}]}""",
            """{"originalMaxAge":60000,"Cookie":{"originalMaxAge":60000},"__Absolute":1}""",
            "{}",
        })
        {
            var id = NewId();
            await store.CreateAsync(id, new SessionContent(Json(json), In(TimeSpan.FromMinutes(10))));
            var extendTo = Later;

            Expect.Equal(extendTo, Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, extendTo))).ExpiresAt, $"the expiry after the slide of {json}");
        }
    });

    [Clause("L3")]
    public Task Of_duplicate_limits_the_last_counts() => RunAsync(async store =>
    {
        var (id, loose) = (NewId(), NewId());
        var limit = Round(In(TimeSpan.FromMinutes(25)));
        var text = limit.ToUnixTimeMilliseconds();
        await store.CreateAsync(id, new SessionContent(Json($$"""{"__absolute":1,"cookie":{"originalMaxAge":1},"cookie":{},"__absolute":{{text}}}"""), In(TimeSpan.FromMinutes(10))));
        await store.CreateAsync(loose, new SessionContent(Json("""{"cookie":{"originalMaxAge":1,"originalMaxAge":null},"__absolute":1,"__absolute":null}"""), In(TimeSpan.FromMinutes(10))));
        var slide = new SlidingExpiry(Always, Later);

        Expect.Equal(limit, Expect.Found(await store.GetAsync(id, slide)).ExpiresAt, "the expiry after the slide");
        Expect.Equal(slide.ExtendTo.End, Expect.Found(await store.GetAsync(loose, slide)).ExpiresAt, "the expiry where the last members are no numbers");
    });

    [Clause("L3")]
    public Task Limits_written_as_any_json_number_count() => RunAsync(async store =>
    {
        var (exponent, huge, escaped) = (NewId(), NewId(), NewId());
        await store.CreateAsync(exponent, new SessionContent(WithIdle("1.2e6"), In(TimeSpan.FromMinutes(10))));
        await store.CreateAsync(huge, new SessionContent(WithIdle("1e300"), In(TimeSpan.FromMinutes(10))));
        await store.CreateAsync(escaped, new SessionContent(Json("""{"\u0063ookie":{"original\u004daxAge":1200000}}"""), In(TimeSpan.FromMinutes(10))));
        var slide = new SlidingExpiry(Always, Later);
        var idle = TimeSpan.FromMinutes(20);

        var before = Context.Now;
        ExpectBetween(before + idle, Context.Now.AddSeconds(5) + idle, Expect.Found(await store.GetAsync(exponent, slide)).ExpiresAt);
        Expect.Equal(slide.ExtendTo.End, Expect.Found(await store.GetAsync(huge, slide)).ExpiresAt, "the expiry with a huge idle time");
        ExpectBetween(before + idle, Context.Now.AddSeconds(5) + idle, Expect.Found(await store.GetAsync(escaped, slide)).ExpiresAt);
    });

    [Clause("L3", "L1")]
    public Task A_slid_session_lives_past_its_first_expiry() => RunAsync(async store =>
    {
        var id = "";
        var first = await BeforeAsync(async end =>
        {
            id = NewId();
            await store.CreateAsync(id, Content("one", end));
            Expect.Found(await store.GetAsync(id, new SlidingExpiry(Always, Later)), "the session before its first expiry");
        });

        await Context.PassAsync(first);

        await HasAsync(store, id, "one");
    });

    [Clause("L3")]
    public Task A_slide_extends_no_other_session() => RunAsync(async store =>
    {
        var (id, other) = (NewId(), NewId());
        await StoredAsync(store, id, Content());
        var before = await StoredAsync(store, other, Content("other"));

        await store.GetAsync(id, new SlidingExpiry(Always, Later.AddHours(3)));

        Expect.Equal(before.ExpiresAt, (await HasAsync(store, other, "other")).ExpiresAt, "the expiry of the other session");
    });

    private static ReadOnlyMemory<byte> WithIdle(string milliseconds) =>
        Json($$$"""{"cookie":{"originalMaxAge":{{{milliseconds}}},"path":"/"},"mark":"idle"}""");

    private static ReadOnlyMemory<byte> WithAbsolute(DateTimeOffset limit) =>
        Json($$$"""{"cookie":{"originalMaxAge":null,"path":"/"},"__absolute":{{{limit.ToUnixTimeMilliseconds()}}}}""");

    private static ReadOnlyMemory<byte> WithBoth(string milliseconds, DateTimeOffset limit) =>
        Json($$$"""{"cookie":{"originalMaxAge":{{{milliseconds}}}},"__absolute":{{{limit.ToUnixTimeMilliseconds()}}}}""");

    /// <summary>Where the server owns time, its clock is read through ours; a second of doubt is left on each side.</summary>
    private void ExpectBetween(DateTimeOffset from, DateTimeOffset to, DateTimeOffset actual)
    {
        var doubt = Context.HasClock ? TimeSpan.Zero : TimeSpan.FromSeconds(1) + Fixture.ExpiryResolution;
        Expect.True(actual >= from - doubt && actual <= Round(to) + doubt, $"the expiry is {from:O}, within {doubt}, not {actual:O}");
    }
}
