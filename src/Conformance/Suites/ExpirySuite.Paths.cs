namespace SessionStores.Conformance.Suites;

/// <content>Odd lifetimes are kept by each way to write and returned by each way to read.</content>
internal sealed partial class ExpirySuite
{
    [Clause("L2", "L3", "L6", "L7", "L8", "L10", "L13", "L14")]
    public Task Far_ends_are_kept_on_every_path() => RunAsync(() => KeptOnEveryPathAsync(
        Ends("2038-01-19T03:14:08Z", "2106-02-07T06:28:16.5Z", "2262-04-11T23:47:17Z", "2500-07-01T00:00:00.001Z", "9998-06-30T23:59:59.999Z")));

    [Clause("L2", "L3", "L6", "L7", "L8", "L10", "L13", "L14")]
    public Task Endless_lives_are_kept_on_every_path() => RunAsync(() => KeptOnEveryPathAsync(
        [("never", SessionLifetime.Never), ("the end of time", SessionExpiry.Never), ("the longest idle time", TimeSpan.MaxValue)]));

    [Clause("L2", "L3", "L6", "L7", "L8", "L10", "L13", "L14")]
    public Task Ends_in_summer_and_winter_are_kept_on_every_path() => RunAsync(async () =>
    {
        // At noon and around the hours that a change of the clocks skips and repeats, also seen from summer.
        await KeptOnEveryPathAsync(Ends(
            "2031-07-15T12:00:00.123Z", "2032-02-29T12:00:00Z", "2032-03-28T00:30:00Z", "2032-03-28T01:30:00Z", "2032-03-28T02:30:00.999Z",
            "2032-10-31T00:30:00Z", "2032-10-31T01:30:00Z", "2032-11-07T06:30:00Z", "2032-12-31T23:59:59.001Z"));
        if (!Context.HasClock)
            return;

        Clock.AdvanceTo(new DateTimeOffset(2030, 7, 1, 1, 30, 0, TimeSpan.Zero));
        await KeptOnEveryPathAsync(Ends("2030-07-01T02:30:00Z", "2031-01-15T12:00:00.5Z"));
        await KeptOnEveryPathAsync([("20 minutes in summer", TimeSpan.FromMinutes(20)), ("half a year in summer", TimeSpan.FromDays(180))]);
    });

    [Clause("L2", "L3", "L6", "L7", "L8", "L10", "L13", "L14")]
    public Task Long_idle_times_are_kept_on_every_path() => RunAsync(() => KeptOnEveryPathAsync(
    [
        ("25 days", TimeSpan.FromDays(25)), ("50 days", TimeSpan.FromDays(50)), ("400 days", TimeSpan.FromDays(400)), ("70 years", TimeSpan.FromDays(25_568)),
        ("140 years", TimeSpan.FromDays(51_136)), ("a minute of 30 and an end in 50 days", new SessionLifetime(TimeSpan.FromMinutes(30), In(TimeSpan.FromDays(50)))),
    ]));

    [Clause("L1", "L5", "L6", "L7", "L10", Needs = StoreCapabilities.Clock)]
    public Task Idle_times_of_fractions_of_a_second_are_kept_on_every_path() => RunAsync(async store =>
    {
        foreach (var milliseconds in new[] { 1, 500, 999, 1001, 2500, 61_001 })
        {
            var life = TimeSpan.FromMilliseconds(milliseconds) + TimeSpan.FromTicks(1);
            var expected = Round(Clock.GetUtcNow() + life);
            foreach (var (what, id, _, _, _) in await WriteEachAsync(store, ContentPaths, [($"{life}", new SessionContent(Payload(), life))], Clock.GetUtcNow))
                Expect.Equal(expected, Expect.Found(await store.GetAsync(id), $"the session of {what}").ExpiresAt, $"the expiry of {what}");
        }
    });

    [Clause("L1", "L5", "L6", "L8", "L9", "L10", "L13", "L14", "L15")]
    public Task A_session_of_a_far_or_endless_life_is_live_for_every_operation() => RunAsync(async store =>
    {
        foreach (var (name, lifetime) in new (string, SessionLifetime)[]
        {
            ("never", SessionLifetime.Never), ("the year 2040", Round(new DateTimeOffset(2040, 7, 1, 0, 0, 0, TimeSpan.Zero))),
            ("the year 2500", Round(new DateTimeOffset(2500, 7, 1, 0, 0, 0, TimeSpan.Zero))), ("50 days", TimeSpan.FromDays(50)),
        })
        {
            var (ids, moved) = (new List<string>(), NewId());
            for (var i = 0; i < 4; i++)
                ids.Add(await CreateAsync(store, new SessionContent(Payload(), lifetime, "alice")));

            await IsSeenAsync(store, 4, name);
            Expect.Equal(SessionWriteStatus.Taken, (await store.CreateAsync(ids[0], Content("two"))).Status, $"create under the id of a session that lives to {name}");
            Expect.Equal(SessionWriteStatus.Taken, (await store.RotateAsync(ids[1], ids[0], SessionVersion.Any, Content("two"))).Status, $"rotate to the id of a session that lives to {name}");
            Expect.True(await store.TouchAsync(ids[0], Later), $"touch of a session that lives to {name} returns true");
            var loaded = Expect.Found(await store.GetAsync(ids[0], new SlidingExpiry(AlwaysDue, Later)), $"the session that lives to {name}");
            var content = new SessionContent(Payload("two"), lifetime, "alice");
            Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(ids[0], loaded.Version, content)).Status, $"replace of a session that lives to {name}");
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(ids[0], moved, SessionVersion.Any, content)).Status, $"rotate of a session that lives to {name}");
            await IsSeenAsync(store, 4, name);
            Expect.True(await store.DestroyAsync(moved), $"destroy of a session that lives to {name} returns true");
            if (store.GetCapability<ISessionSubjects>() is { } subjects)
                Expect.Equal(2L, await subjects.DestroyBySubjectAsync("alice", [ids[1]]), $"the number of sessions destroyed that live to {name}");
            else
                await Task.WhenAll(store.DestroyAsync(ids[2]).AsTask(), store.DestroyAsync(ids[3]).AsTask());

            await HasAsync(store, ids[1], "one");
            Expect.True(await store.DestroyAsync(ids[1]), $"destroy of a session that lives to {name} returns true");
            await IsSeenAsync(store, 0, name);
        }
    });

    [Clause("L6", "L7", "L10", "L2")]
    public Task Equal_content_moves_the_expiry_on_every_path() => RunAsync(async store =>
    {
        foreach (var (name, write) in Writes().Where(each => each.Name is "set" or "replace" or "rotate"))
        {
            // An end in the far future, then never, then again an end, always with the same bytes.
            var id = await CreateAsync(store, Content());
            foreach (var end in new[] { Round(Later.AddDays(3)), SessionExpiry.Never, Later })
            {
                id = await write(store, id, end);
                Expect.Equal(end, (await HasAsync(store, id, "one")).ExpiresAt, $"the expiry after {name} with equal content");
            }
        }
    });

    [Clause("L11", "L5", "L6", "L7", "L10")]
    public Task Writes_of_content_that_has_expired_return_what_they_did() => RunAsync(async store =>
    {
        foreach (var expiresAt in Past())
        {
            var past = Content("past", expiresAt, "alice");
            var (id, replaced, rotated, newId, set) = (NewId(), NewId(), NewId(), NewId(), NewId());
            var version = (await store.CreateAsync(replaced, Content("one", null, "alice"))).Version;
            var rotatedVersion = (await store.CreateAsync(rotated, Content("one", null, "alice"))).Version;
            await store.CreateAsync(set, Content("one", null, "alice"));

            Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, past)).Status, $"create with the expiry {expiresAt:O}");
            Expect.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync(replaced, SessionVersion.Of(Json("{}")), past)).Status, $"replace with another version and the expiry {expiresAt:O}");
            Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(replaced, version, past)).Status, $"replace with the expiry {expiresAt:O}");
            Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(replaced, version, past)).Status, $"a second replace with the expiry {expiresAt:O}");
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(rotated, newId, rotatedVersion, past)).Status, $"rotate with the expiry {expiresAt:O}");
            try
            {
                await store.SetAsync(set, past);
            }
            catch (ArgumentException refused)
            {
                throw new ConformanceException($"Expected that set takes the expiry {expiresAt:O}, but got {refused.GetType().Name}: {refused.Message}", refused);
            }

            await IsSeenAsync(store, 0, $"{expiresAt:O}");
        }
    });

    private static IReadOnlyList<(string Name, SessionLifetime Lifetime)> Ends(params string[] instants) =>
        [.. instants.Select(text => (text, (SessionLifetime)DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture)))];

    private async Task KeptOnEveryPathAsync(IReadOnlyList<(string Name, SessionLifetime Lifetime)> lifetimes)
    {
        var store = await OpenAsync();
        var subject = NewId();
        var contents = lifetimes.Select(each => (each.Name, new SessionContent(Payload(), each.Lifetime, subject))).ToList();
        var written = await WriteEachAsync(store, LifetimePaths, contents, () => Context.Now);
        foreach (var (path, readAsync) in (await ReadPathsAsync(store, subject)).SkipLast(1))
        {
            foreach (var (what, id, content, from, until) in written)
                ExpectLifetime(Expect.Found(await readAsync(id), $"the session of {what}, read by {path}"), content.Lifetime, from, until, $"{what}, read by {path},");
        }
    }

    private void ExpectLifetime(SessionRecord record, SessionLifetime lifetime, DateTimeOffset from, DateTimeOffset until, string what)
    {
        var (earliest, latest) = (lifetime.ExpiryAt(from), lifetime.ExpiryAt(until));
        if (earliest == SessionExpiry.Never)
        {
            Expect.Equal(SessionExpiry.Never, record.ExpiresAt, $"the expiry of {what}");
            Expect.Null(record.Remaining, $"what remains of {what}");
            return;
        }

        if (earliest == latest && lifetime.Idle is null)
            Expect.Equal(Round(earliest), record.ExpiresAt, $"the expiry of {what}");

        ExpectLife(record, earliest - from, from, what, latest - (earliest - from));
    }

    /// <summary>Checks that every listing sees this many sessions, and that pruning removes none of them.</summary>
    private static async Task IsSeenAsync(ISessionStore store, int count, string name)
    {
        if (store.GetCapability<ISessionPruning>() is { } pruning && count > 0)
            Expect.Equal(0L, await pruning.PruneAsync(), $"the number of records that prune removes, of sessions that live to {name}");

        if (store.GetCapability<ISessionEnumeration>() is { } many)
        {
            Expect.Equal((long)count, await many.LengthAsync(), $"the length, of sessions that live to {name}");
            Expect.Equal(count, (await ListAsync(many.AllAsync())).Count, $"the number of sessions listed that live to {name}");
        }

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(count, (await ListAsync(subjects.ListBySubjectAsync("alice"))).Count, $"the number of sessions of the subject that live to {name}");
    }
}
