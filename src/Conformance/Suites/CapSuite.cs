using System.Text.Json;

namespace SessionStores.Conformance.Suites;

/// <summary>A subject has no more sessions than a cap allows, however many log in at once.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class CapSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly SessionCap Refuse = SessionCap.Refuse(3);
    private static readonly SessionCap EndOldest = SessionCap.EndOldest(3);

    /// <summary>How a session joins a subject: by a log-in without a session before, by a log-in that keeps its id, by one that changes it.</summary>
    private enum Way
    {
        Create,
        Replace,
        Rotate,
    }

    [Clause("L22", Needs = StoreCapabilities.Caps)]
    public Task Sessions_are_admitted_while_there_is_room() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        foreach (var way in Enum.GetValues<Way>())
        {
            foreach (var cap in new[] { Refuse, EndOldest })
            {
                var subject = $"alice {way} {cap.EndsOldest}";
                for (var i = 0; i < 3; i++)
                {
                    var (result, id) = await JoinAsync(store, caps, way, subject, cap);
                    Expect.Equal(SessionWriteStatus.Written, result.Status, $"the status of log-in {i + 1} of 3 by {way}");
                    var record = await HasAsync(store, id, "in");
                    Expect.Equal(subject, record.Subject, "the subject");
                    Expect.Equal(record.Version, result.Version, "the version that the log-in returned");
                }

                await CountsAsync(store, subject, 3);
            }
        }
    });

    [Clause("L22", Needs = StoreCapabilities.Caps)]
    public Task A_session_over_the_cap_is_refused_and_nothing_is_written() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var ids = await FillAsync(store, 3);
        var (anonymous, of, newId) = (NewId(), NewId(), NewId());
        await store.CreateAsync(anonymous, Content("anonymous"));
        await store.CreateAsync(of, Content("bob", null, "bob"));

        Expect.Equal(SessionWriteStatus.Full, (await caps.CreateAsync(newId, Content("new", null, "alice"), Refuse)).Status, "create over the cap");
        foreach (var (id, mark) in new[] { (anonymous, "anonymous"), (of, "bob") })
        {
            var loaded = await HasAsync(store, id, mark);
            foreach (var version in new[] { loaded.Version, SessionVersion.Any })
            {
                Expect.Equal(SessionWriteStatus.Full, (await caps.ReplaceAsync(id, version, Content("new", null, "alice"), Refuse)).Status, "replace over the cap");
                Expect.Equal(SessionWriteStatus.Full, (await caps.RotateAsync(id, newId, version, Content("new", null, "alice"), Refuse)).Status, "rotate over the cap");
            }

            var left = await HasAsync(store, id, mark);
            Expect.Equal((loaded.Subject, loaded.ExpiresAt), (left.Subject, left.ExpiresAt), "the subject and the expiry of a session that was refused");
        }

        Expect.Null(await store.GetAsync(newId), "the session that was refused");
        await LiveAsync(store, ids, true, true, true);
        await CountsAsync(store, "alice", 3);
        await CountsAsync(store, "bob", 1);
    });

    [Clause("L22", Needs = StoreCapabilities.Caps)]
    public Task The_sessions_that_joined_first_end_as_many_as_needed() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        foreach (var way in Enum.GetValues<Way>())
        {
            var subject = $"alice {way}";
            var other = (await FillAsync(store, 1, "bob"))[0];
            var ids = await FillAsync(store, 5, subject);

            var (result, id) = await JoinAsync(store, caps, way, subject, EndOldest);

            Expect.Equal(SessionWriteStatus.Written, result.Status, $"the status of a log-in by {way} over the cap");
            await LiveAsync(store, ids, false, false, false, true, true);
            await HasAsync(store, id, "in");
            await HasAsync(store, other, "there");
            await CountsAsync(store, subject, 3);
        }
    });

    [Clause("L22", Needs = StoreCapabilities.Caps)]
    public Task A_session_that_is_the_subjects_keeps_its_place() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var ids = await FillAsync(store, 4);
        var newId = NewId();
        foreach (var cap in new[] { Refuse, EndOldest })
        {
            var replaced = await caps.ReplaceAsync(ids[0], SessionVersion.Any, Content("again", null, "alice"), cap);
            Expect.Equal(SessionWriteStatus.Written, replaced.Status, "replace of a session that is the subject's");
            await HasAsync(store, ids[0], "again");
            var rotated = await caps.RotateAsync(ids[0], newId, replaced.Version, Content("rotated", null, "alice"), cap);
            Expect.Equal(SessionWriteStatus.Written, rotated.Status, "rotate of a session that is the subject's");
            await HasAsync(store, newId, "rotated");
            (ids[0], newId) = (newId, NewId());
        }

        await LiveAsync(store, ids, true, true, true, true);
    });

    [Clause("L22", "L10", Needs = StoreCapabilities.Caps)]
    public Task Rotations_changes_and_touches_do_not_make_a_session_newer() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var ids = await FillAsync(store, 5);
        var newId = NewId();
        var since = Context.Now;
        await store.RotateAsync(ids[0], newId, SessionVersion.Any, Member("rotated", "alice", since.AddMinutes(-4)));
        await NextAsync();
        await store.ReplaceAsync(ids[1], SessionVersion.Any, Member("changed", "alice", since.AddMinutes(-3)));
        await NextAsync();
        await store.SetAsync(ids[2], Member("set", "alice", since.AddMinutes(-2)));
        await NextAsync();
        await store.TouchAsync(newId, Round(Later.AddHours(1)));
        await store.GetAsync(ids[3], new SlidingExpiry(TimeSpan.FromDays(1), Round(Later.AddHours(1))));
        await NextAsync(); // a store that is being moved may let both of the last two join now, one at the read and one at the log-in
        ids[0] = newId;

        for (var ended = 0; ended < 4; ended++)
        {
            await caps.CreateAsync(NewId(), Content("in", null, "alice"), SessionCap.EndOldest(5));
            await LiveAsync(store, ids, [.. ids.Select((_, i) => i > ended)]);
            await NextAsync();
        }
    });

    [Clause("L22", Needs = StoreCapabilities.Caps)]
    public Task A_session_joins_when_it_gets_its_subject() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var (late, back, fromBob) = (NewId(), NewId(), NewId());
        await store.CreateAsync(late, Content("late"));
        await store.CreateAsync(back, Content("back", null, "alice"));
        await store.CreateAsync(fromBob, Content("bob", null, "bob"));
        await NextAsync();
        var ids = await FillAsync(store, 2);

        // Now the others join: one from nowhere, one that had left, one from another subject.
        await store.ReplaceAsync(late, SessionVersion.Any, Content("late", null, "alice"));
        await store.ReplaceAsync(back, SessionVersion.Any, Content("back"));
        await store.SetAsync(back, Content("back", null, "alice"));
        var rotated = NewId();
        await store.RotateAsync(fromBob, rotated, SessionVersion.Any, Content("bob", null, "alice"));
        await NextAsync();

        await caps.CreateAsync(NewId(), Content("in", null, "alice"), SessionCap.EndOldest(4));
        await LiveAsync(store, ids, false, false);
        await HasAsync(store, late, "late");
        await HasAsync(store, back, "back");
        await HasAsync(store, rotated, "bob");
    });

    [Clause("L22", "L1", "L9", Needs = StoreCapabilities.Caps | StoreCapabilities.Subjects)]
    public Task Sessions_that_have_ended_do_not_count() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var ids = await FillAsync(store, 2);
        var soon = Soon();
        await store.CreateAsync(NewId(), Content("expires", soon, "alice"));
        await store.CreateAsync(NewId(), Content("expires", soon, "alice"));
        await store.DestroyAsync(ids[0]);
        await Context.PassAsync(soon);

        Expect.Equal(SessionWriteStatus.Written, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), Refuse)).Status, "a log-in beside 1 live session");
        Expect.Equal(SessionWriteStatus.Written, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), EndOldest)).Status, "a log-in beside 2 live sessions");
        await HasAsync(store, ids[1], "there");
        Expect.Equal(SessionWriteStatus.Full, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), Refuse)).Status, "a log-in beside 3 live sessions");

        await store.Require<ISessionSubjects>().DestroyBySubjectAsync("alice");
        Expect.Equal(SessionWriteStatus.Written, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), Refuse)).Status, "a log-in after all sessions were destroyed");
        await CountsAsync(store, "alice", 1);
    });

    [Clause("L22", "L5", "L6", "L10", Needs = StoreCapabilities.Caps)]
    public Task Gone_conflict_and_taken_come_before_full_and_end_nothing() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var ids = await FillAsync(store, 3);
        var (anonymous, gone, newId) = (NewId(), NewId(), NewId());
        var loaded = await StoredAsync(store, anonymous, Content("anonymous"));
        await store.ReplaceAsync(anonymous, loaded.Version, Content("changed"));
        var content = Content("new", null, "alice");
        foreach (var cap in new[] { Refuse, EndOldest })
        {
            Expect.Equal(SessionWriteStatus.Taken, (await caps.CreateAsync(ids[0], content, cap)).Status, "create of a taken id");
            Expect.Equal(SessionWriteStatus.Gone, (await caps.ReplaceAsync(gone, SessionVersion.Any, content, cap)).Status, "replace of an absent id");
            Expect.Equal(SessionWriteStatus.Conflict, (await caps.ReplaceAsync(anonymous, loaded.Version, content, cap)).Status, "replace of an older version");
            Expect.Equal(SessionWriteStatus.Gone, (await caps.RotateAsync(gone, newId, SessionVersion.Any, content, cap)).Status, "rotate of an absent id");
            Expect.Equal(SessionWriteStatus.Conflict, (await caps.RotateAsync(anonymous, newId, loaded.Version, content, cap)).Status, "rotate of an older version");
            Expect.Equal(SessionWriteStatus.Taken, (await caps.RotateAsync(anonymous, ids[0], SessionVersion.Any, content, cap)).Status, "rotate to a taken id");
            await LiveAsync(store, ids, true, true, true);
        }

        await HasAsync(store, anonymous, "changed");
    });

    /// <summary>Content that says since when its session has the subject, as the middleware writes it: a store that is being moved orders by it what moves together.</summary>
    private SessionContent Member(string mark, string subject = "alice", DateTimeOffset? since = null, DateTimeOffset? expiresAt = null) => new(
        Json($$$"""{"cookie":{"originalMaxAge":null},"mark":"{{{mark}}}","__created":{{{(since ?? Context.Now).ToUnixTimeMilliseconds()}}}}"""), expiresAt ?? Later, subject);

    /// <summary>Lets a session join a subject.</summary>
    private async Task<(SessionWriteResult Result, string Id)> JoinAsync(ISessionStore store, ISessionCaps caps, Way way, string subject, SessionCap cap)
    {
        var (id, newId) = (NewId(), NewId());
        var content = Content("in", null, subject);
        if (way == Way.Create)
            return (await caps.CreateAsync(id, content, cap), id);

        var version = (await store.CreateAsync(id, Content("anonymous"))).Version;
        return way == Way.Replace
            ? (await caps.ReplaceAsync(id, version, content, cap), id)
            : (await caps.RotateAsync(id, newId, version, content, cap), newId);
    }

    /// <summary>Creates sessions of a subject that join it one after the other, the later ones with a shorter life.</summary>
    private async Task<List<string>> FillAsync(ISessionStore store, int count, string subject = "alice")
    {
        var ids = NewIds(count);
        for (var i = 0; i < count; i++)
        {
            await store.CreateAsync(ids[i], Member("there", subject, null, Round(Later.AddMinutes(-i))));
            await NextAsync();
        }

        return ids;
    }

    /// <summary>Lets the clock of the store move, so that the next session joins later than the last one.</summary>
    private Task NextAsync() => Context.PassAsync(Context.Now.AddMilliseconds(2));

    /// <summary>Reads a session that must have this mark, whatever else its payload says.</summary>
    private static new async Task<SessionRecord> HasAsync(ISessionStore store, string id, string mark)
    {
        var record = Expect.Found(await store.GetAsync(id), $"the session with mark '{mark}'");
        Expect.Equal(mark, JsonDocument.Parse(record.Payload).RootElement.GetProperty("mark").GetString(), "the mark of the session");
        return record;
    }

    private static async Task LiveAsync(ISessionStore store, List<string> ids, params IReadOnlyList<bool> expected)
    {
        for (var i = 0; i < ids.Count; i++)
            Expect.Equal(expected[i], await store.GetAsync(ids[i]) is not null, $"whether session {i + 1} of {ids.Count}, by the order of joining, is live");
    }

    private static async Task CountsAsync(ISessionStore store, string subject, long expected)
    {
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(expected, await subjects.CountBySubjectAsync(subject), $"the number of live sessions of '{subject}'");
    }
}
