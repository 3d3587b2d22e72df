namespace SessionStores.Conformance.Suites;

/// <content>What a reader sees in the very moment of a write, and what writers do that meet over an expired session.</content>
internal sealed partial class RaceSuite
{
    [Clause("L5", "L1", "L12", Race = true)]
    public Task Of_many_creates_of_an_expired_id_exactly_one_wins() => RunAsync(async store =>
    {
        var ids = await ExpiredAsync(store);
        await RoundsAsync(async round =>
        {
            var id = ids[round];
            var statuses = new SessionWriteStatus[Writers];
            await TogetherAsync(round, [.. Enumerable.Range(0, Writers).Select(i => (Func<Task>)(async () =>
                statuses[i] = (await store.CreateAsync(id, Content($"w{i}"))).Status))]);

            Expect.Equal(1, statuses.Count(status => status == SessionWriteStatus.Written), "the number of creates of an expired id that won");
            Expect.Equal(Writers - 1, statuses.Count(status => status == SessionWriteStatus.Taken), "the number of creates of an expired id that lost");
            await HasAsync(store, id, $"w{Array.IndexOf(statuses, SessionWriteStatus.Written)}");
        });
    });

    [Clause("L10", "L1", "L12", Race = true)]
    public Task Of_rotations_to_an_expired_id_exactly_one_wins() => RunAsync(async store =>
    {
        var ids = await ExpiredAsync(store);
        await RoundsAsync(async round =>
        {
            var others = NewIds(3);
            foreach (var other in others)
                await store.CreateAsync(other, Content(other));

            var statuses = new SessionWriteStatus[3];
            await TogetherAsync(round, [.. others.Select((other, i) => (Func<Task>)(async () =>
                statuses[i] = (await store.RotateAsync(other, ids[round], SessionVersion.Any, Content(other))).Status))]);

            var winner = Array.IndexOf(statuses, SessionWriteStatus.Written);
            Expect.Equal(1, statuses.Count(status => status == SessionWriteStatus.Written), "the number of rotations to an expired id that won");
            Expect.Equal(2, statuses.Count(status => status == SessionWriteStatus.Taken), "the number of rotations to an expired id that lost");
            await HasAsync(store, ids[round], others[winner]);
            for (var i = 0; i < others.Count; i++)
                Expect.Equal(i != winner, await store.GetAsync(others[i]) is not null, $"whether session {i} is still under its old id");
        });
    });

    [Clause("L10", "L3", "L6", "L8", "L12", Race = true)]
    public Task The_old_id_is_never_seen_once_a_rotation_has_returned() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, newId) = (NewId(), NewId());
            var version = (await store.CreateAsync(id, Content())).Version;
            await TogetherAsync(2 + (round % 2) + (round % 8 < 4 ? 0 : 4),
                async () =>
                {
                    // A replace may have won; without a version the rotation takes what is there.
                    Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, Content("two"))).Status, "the status of the rotation");
                    await IsNeverSeenAsync(store, id, "the old id after the rotation has returned");
                },
                async () => await store.TouchAsync(id, Later.AddHours(1)),
                async () => await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(2))),
                async () => await store.ReplaceAsync(id, version, Content("back")));

            await HasAsync(store, newId, "two");
        });
    });

    [Clause("L3", "L7", "L12", Race = true)]
    public Task A_slide_that_meets_a_write_keeps_to_the_limits_of_what_was_written() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, end, limit) = (NewId(), Later, Round(Later.AddHours(1)));
            await store.CreateAsync(id, Content("one", end));
            var limited = Json($$$"""{"__absolute":{{{limit.ToUnixTimeMilliseconds()}}},"mark":"two"}""");
            await TogetherAsync(round,
                async () => await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(5))),
                async () => await store.SetAsync(id, new SessionContent(limited, end)));

            var record = Expect.Found(await store.GetAsync(id), "the session after a slide and a set");
            Expect.Bytes(limited, record.Payload);
            Expect.True(record.ExpiresAt <= limit, $"the expiry is at most {limit:O}, which __absolute of the stored payload allows, not {record.ExpiresAt:O}");
        });
    });

    [Clause("L1", "L6", "L8", "L12", Needs = StoreCapabilities.Clock, Race = true)]
    public Task A_write_that_waited_past_an_expiry_does_not_bring_the_session_back() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, soon, isGone) = (NewId(), Soon(), false);
            await store.CreateAsync(id, Content("one", soon));
            await TogetherAsync(2 + (round % 2),
            [
                .. Enumerable.Range(0, 3).Select(_ => (Func<Task>)(async () => await store.TouchAsync(id, Later))),
                async () => await store.ReplaceAsync(id, SessionVersion.Any, Content("two")),
                async () => await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later)),
                async () =>
                {
                    Clock.AdvanceTo(soon);
                    isGone = await store.GetAsync(id) is null;
                },
            ]);

            Expect.True(!isGone || await store.GetAsync(id) is null, "a session that was read as expired stays so, also when a touch, a replace or a slide had begun before");
        });
    });

    [Clause("L12", "L5", "L10", Race = true)]
    public Task A_reader_never_sees_half_of_a_new_session() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, newId) = (NewId(), NewId());
            var expiresAt = Later;
            var content = Content("new", expiresAt, "alice");
            if (round % 2 == 1)
                await store.CreateAsync(id, Content("old"));

            var written = false;
            await TogetherAsync(2 + (round / 2 % 2 * 4),
                async () =>
                {
                    try
                    {
                        var status = round % 2 == 1 ? (await store.RotateAsync(id, newId, SessionVersion.Any, content)).Status : (await store.CreateAsync(newId, content)).Status;
                        Expect.Equal(SessionWriteStatus.Written, status, "the status of the write");
                    }
                    finally
                    {
                        Volatile.Write(ref written, true);
                    }
                },
                async () =>
                {
                    bool isLast;
                    do
                    {
                        isLast = Volatile.Read(ref written);
                        await Task.Yield();
                        if (await store.GetAsync(newId) is { } record)
                            IsWhole(record, "new", expiresAt);
                    }
                    while (!isLast);
                });
        });
    });

    [Clause("L12", "L6", Race = true)]
    public Task A_reader_never_sees_half_a_replace() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var (before, after) = (Later, Round(Later.AddMinutes(1 + round)));
            var version = (await store.CreateAsync(id, Content("old", before, "alice"))).Version;
            var written = false;
            await TogetherAsync(2 + (round % 2 * 4),
                async () =>
                {
                    try
                    {
                        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, version, Content("new", after, "alice"))).Status, "the status of the replace");
                    }
                    finally
                    {
                        Volatile.Write(ref written, true);
                    }
                },
                async () =>
                {
                    bool isLast;
                    do
                    {
                        isLast = Volatile.Read(ref written);
                        await Task.Yield();
                        var record = Expect.Found(await store.GetAsync(id), "a session that is being replaced");
                        var isNew = record.Payload.Span.SequenceEqual(Payload("new").Span);
                        IsWhole(record, isNew ? "new" : "old", isNew ? after : before);
                    }
                    while (!isLast);
                });
        });
    });

    private static void IsWhole(SessionRecord record, string mark, DateTimeOffset expiresAt)
    {
        Expect.Bytes(Payload(mark), record.Payload, "the payload that a reader sees");
        Expect.Equal("alice", record.Subject, "the subject that a reader sees with the payload");
        Expect.Equal(expiresAt, record.ExpiresAt, "the expiry that a reader sees with the payload");
    }

    /// <summary>An expired id for each round, created together, for their time may have to be waited for.</summary>
    private async Task<List<string>> ExpiredAsync(ISessionStore store)
    {
        var ids = NewIds(Fixture.RaceRounds);
        var soon = In(Context.BulkLife);
        await CreateManyAsync(store, ids, Content("old", soon, "alice"));
        await Context.PassAsync(soon);
        return ids;
    }
}
