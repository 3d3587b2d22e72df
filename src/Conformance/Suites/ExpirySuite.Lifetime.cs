namespace SessionStores.Conformance.Suites;

/// <content>A lifetime counts from the step that writes it: an idle time, an end, both or neither.</content>
internal sealed partial class ExpirySuite
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(20);

    [Clause("L5", "L1", "L2")]
    public Task An_idle_time_counts_from_the_create() => RunAsync(() => CountsAsync("create", CreateAsync));

    [Clause("L7", "L1", "L2")]
    public Task An_idle_time_counts_from_the_set() => RunAsync(() => CountsAsync("set", SetAsync));

    [Clause("L6", "L1", "L2")]
    public Task An_idle_time_counts_from_the_replace() => RunAsync(() => CountsAsync("replace", ReplaceAsync));

    [Clause("L10", "L1", "L2")]
    public Task An_idle_time_counts_from_the_rotation() => RunAsync(() => CountsAsync("rotate", RotateAsync));

    [Clause("L8", "L1", "L2")]
    public Task An_idle_time_counts_from_the_touch() => RunAsync(() => CountsAsync("touch", TouchAsync));

    [Clause("L3", "L1", "L2")]
    public Task An_idle_time_counts_from_the_slide() => RunAsync(() => CountsAsync("slide", SlideAsync));

    [Clause("L1")]
    public Task A_session_whose_idle_time_has_passed_has_expired() => RunAsync(async store =>
    {
        var ids = new List<string>();
        var (latest, idle) = (Context.Now, Context.ShortLife);
        foreach (var (_, write) in Writes())
        {
            var id = NewId();
            await store.CreateAsync(id, Content("one", In(TimeSpan.FromMilliseconds(300))));
            ids.Add(await write(store, id, idle));
            latest = Context.Now;
        }

        // The step that the server rounds up to may be the next one: the kit only estimates its clock.
        await Context.PassAsync(Round(latest + idle) + Fixture.ExpiryResolution);

        for (var i = 0; i < ids.Count; i++)
            Expect.Null(await store.GetAsync(ids[i]), $"the session of {Writes()[i].Name} after its idle time");
    });

    [Clause("L2", "L1")]
    public Task Of_an_idle_time_and_an_end_the_first_counts() => RunAsync(async store =>
    {
        foreach (var (name, write) in Writes())
        {
            var from = Context.Now;
            var byIdle = await WriteAsync(store, write, new SessionLifetime(Idle, Later));
            ExpectLife(byIdle, Idle, from, $"{name} with an idle time that is over first");

            var end = In(TimeSpan.FromMinutes(15));
            var byEnd = await WriteAsync(store, write, new SessionLifetime(Idle, end));
            Expect.Equal(end, byEnd.ExpiresAt, $"the expiry after {name} with an end that comes first");
        }
    });

    [Clause("L2", "L1")]
    public Task A_session_with_neither_idle_time_nor_end_never_expires() => RunAsync(async store =>
    {
        foreach (var (name, write) in Writes())
        {
            var record = await WriteAsync(store, write, SessionLifetime.Never);
            Expect.Equal(SessionExpiry.Never, record.ExpiresAt, $"the expiry after {name} without a limit");
            Expect.Null(record.Remaining, $"what remains after {name} without a limit");
        }
    });

    [Clause("L2", "L1")]
    public Task An_end_is_the_same_instant_whenever_it_is_written() => RunAsync(async store =>
    {
        var end = In(TimeSpan.FromMinutes(45));
        foreach (var (name, write) in Writes())
        {
            var record = await WriteAsync(store, write, end);
            Expect.Equal(end, record.ExpiresAt, $"the expiry after {name} with an end");
            PassAMinute();
        }
    });

    [Clause("L2", "L3")]
    public Task What_remains_is_returned_by_reads_with_and_without_a_slide() => RunAsync(async (store, id) =>
    {
        var from = Context.Now;
        await store.CreateAsync(id, new SessionContent(Payload(), Idle));
        var until = Context.Now;
        PassAMinute();

        ExpectLife(Expect.Found(await store.GetAsync(id)), Idle, from, "create", until);
        ExpectLife(Expect.Found(await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromMinutes(5), Idle))), Idle, from, "a slide that is not due", until);

        from = Context.Now;
        ExpectLife(Expect.Found(await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), TimeSpan.FromHours(2)))), TimeSpan.FromHours(2), from, "a slide");
    });

    [Clause("L13", "L2", Needs = StoreCapabilities.Enumeration)]
    public Task What_remains_is_returned_by_a_listing() => RunAsync(() => ListedAsync(store => store.Require<ISessionEnumeration>().AllAsync()));

    [Clause("L14", "L2", Needs = StoreCapabilities.Subjects)]
    public Task What_remains_is_returned_by_a_listing_of_a_subject() => RunAsync(() => ListedAsync(store => store.Require<ISessionSubjects>().ListBySubjectAsync("alice")));

    [Clause("L11", "L1")]
    public Task An_idle_time_of_nothing_leaves_nothing_readable() => RunAsync(async store =>
    {
        foreach (var (name, write) in Writes().Take(4))
        {
            foreach (var idle in new[] { TimeSpan.Zero, TimeSpan.FromMinutes(-1), TimeSpan.MinValue })
            {
                var id = NewId();
                await store.CreateAsync(id, Content());
                var written = await write(store, id, idle);
                Expect.Null(await store.GetAsync(written), $"the session after {name} with the idle time {idle}");
            }
        }
    });

    [Clause("L8", "L3")]
    public Task A_shorter_idle_time_shortens_nothing_in_a_touch_or_slide() => RunAsync(async (store, id) =>
    {
        var before = await StoredAsync(store, id, Content());
        foreach (var idle in new[] { TimeSpan.FromMinutes(1), TimeSpan.Zero, TimeSpan.FromMinutes(-1) })
        {
            Expect.True(await store.TouchAsync(id, idle), $"touch with the idle time {idle} returns true");
            await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), idle));
            Expect.Equal(before.ExpiresAt, (await HasAsync(store, id, "one")).ExpiresAt, $"the expiry after a touch and a slide with the idle time {idle}");
        }
    });

    [Clause("L6", "L7")]
    public Task The_same_content_with_another_lifetime_moves_the_expiry() => RunAsync(async store =>
    {
        var (replaced, set) = (NewId(), NewId());
        var version = (await store.CreateAsync(replaced, Content())).Version;
        await store.CreateAsync(set, Content());
        foreach (var life in new[] { TimeSpan.FromHours(3), TimeSpan.FromMinutes(10) })
        {
            var from = Context.Now;
            version = (await store.ReplaceAsync(replaced, version, new SessionContent(Payload(), life))).Version;
            await store.SetAsync(set, new SessionContent(Payload(), life));

            ExpectLife(await HasAsync(store, replaced, "one"), life, from, "replace with the same content");
            ExpectLife(await HasAsync(store, set, "one"), life, from, "set with the same content");
        }
    });

    /// <summary>Every way to write a lifetime, as what it does to a session that is there; each returns the id that the session then has.</summary>
    private List<(string Name, Func<ISessionStore, string, SessionLifetime, Task<string>> Write)> Writes() =>
        [("create", CreateAsync), ("set", SetAsync), ("replace", ReplaceAsync), ("rotate", RotateAsync), ("touch", TouchAsync), ("slide", SlideAsync)];

    private async Task<string> CreateAsync(ISessionStore store, string id, SessionLifetime lifetime)
    {
        var other = NewId();
        await store.CreateAsync(other, new SessionContent(Payload(), lifetime));
        return other;
    }

    private static async Task<string> SetAsync(ISessionStore store, string id, SessionLifetime lifetime)
    {
        await store.SetAsync(id, new SessionContent(Payload(), lifetime));
        return id;
    }

    private static async Task<string> ReplaceAsync(ISessionStore store, string id, SessionLifetime lifetime)
    {
        if (await store.GetAsync(id) is { } loaded)
            await store.ReplaceAsync(id, loaded.Version, new SessionContent(Payload(), lifetime));

        return id;
    }

    private async Task<string> RotateAsync(ISessionStore store, string id, SessionLifetime lifetime)
    {
        var newId = NewId();
        await store.RotateAsync(id, newId, SessionVersion.Any, new SessionContent(Payload(), lifetime));
        return newId;
    }

    private static async Task<string> TouchAsync(ISessionStore store, string id, SessionLifetime lifetime)
    {
        await store.TouchAsync(id, lifetime);
        return id;
    }

    private static async Task<string> SlideAsync(ISessionStore store, string id, SessionLifetime lifetime)
    {
        await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), lifetime));
        return id;
    }

    /// <summary>Writes to a session that has ten minutes left.</summary>
    private async Task<SessionRecord> WriteAsync(ISessionStore store, Func<ISessionStore, string, SessionLifetime, Task<string>> write, SessionLifetime lifetime)
    {
        var id = NewId();
        await store.CreateAsync(id, new SessionContent(Payload(), In(TimeSpan.FromMinutes(10))));
        return Expect.Found(await store.GetAsync(await write(store, id, lifetime)));
    }

    private async Task CountsAsync(string name, Func<ISessionStore, string, SessionLifetime, Task<string>> write)
    {
        var store = await OpenAsync();
        var id = NewId();
        await store.CreateAsync(id, new SessionContent(Payload(), In(TimeSpan.FromMinutes(10))));
        PassAMinute();
        var from = Context.Now;

        var written = await write(store, id, Idle);

        var until = Context.Now;
        ExpectLife(await HasAsync(store, written, "one"), Idle, from, name, until);
        PassAMinute();
        ExpectLife(await HasAsync(store, written, "one"), Idle, from, $"{name}, read a minute later", until);
    }

    private async Task ListedAsync(Func<ISessionStore, IAsyncEnumerable<SessionRecord>> list)
    {
        var store = await OpenAsync();
        var (id, immortal) = (NewId(), NewId());
        var from = Context.Now;
        await store.CreateAsync(id, new SessionContent(Payload(), Idle, "alice"));
        await store.CreateAsync(immortal, new SessionContent(Payload(), SessionLifetime.Never, "alice"));
        var until = Context.Now;
        PassAMinute();

        var listed = (await ListAsync(list(store))).ToDictionary(record => record.Id);

        Expect.Equal(2, listed.Count, "the number of sessions listed");
        ExpectLife(listed[id], Idle, from, "create", until);
        Expect.Null(listed[immortal].Remaining, "what remains of a session that does not expire");
    }

    private void PassAMinute()
    {
        if (Context.HasClock)
            Clock.Advance(TimeSpan.FromMinutes(1));
    }
}
