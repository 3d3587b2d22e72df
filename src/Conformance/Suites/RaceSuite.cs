namespace SessionStores.Conformance.Suites;

/// <summary>Of writers that meet, each gets a true result, and nothing is lost.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class RaceSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private const int Writers = 6;

    [Clause("L5", "L12", Race = true)]
    public Task Of_many_creates_of_one_id_exactly_one_wins() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var statuses = new SessionWriteStatus[Writers];
            await TogetherAsync(round, [.. Enumerable.Range(0, Writers).Select(i => (Func<Task>)(async () =>
                statuses[i] = (await store.CreateAsync(id, Content($"w{i}"))).Status))]);

            Expect.Equal(1, statuses.Count(status => status == SessionWriteStatus.Written), "the number of creates that won");
            Expect.Equal(Writers - 1, statuses.Count(status => status == SessionWriteStatus.Taken), "the number of creates that lost");
            await HasAsync(store, id, $"w{Array.IndexOf(statuses, SessionWriteStatus.Written)}");
        });
    });

    [Clause("L6", "L12", Race = true)]
    public Task Of_many_replaces_of_one_version_exactly_one_wins() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var version = (await store.CreateAsync(id, Content())).Version;
            var statuses = new SessionWriteStatus[Writers];
            await TogetherAsync(round, [.. Enumerable.Range(0, Writers).Select(i => (Func<Task>)(async () =>
                statuses[i] = (await store.ReplaceAsync(id, version, Content($"w{i}"))).Status))]);

            Expect.Equal(1, statuses.Count(status => status == SessionWriteStatus.Written), "the number of replaces that won");
            Expect.Equal(Writers - 1, statuses.Count(status => status == SessionWriteStatus.Conflict), "the number of replaces that were a conflict");
            await HasAsync(store, id, $"w{Array.IndexOf(statuses, SessionWriteStatus.Written)}");
        });
    });

    [Clause("L6", "L12", Race = true)]
    public Task Writers_that_load_and_replace_until_they_win_lose_no_increment() => RunAsync(async (store, id) =>
    {
        await store.CreateAsync(id, Content("0"));
        var each = Math.Max(5, Fixture.RaceRounds / 20);

        // First on one node, then on two.
        foreach (var round in new[] { 2, 6 })
            await TogetherAsync(round, [.. Enumerable.Range(0, Writers).Select(_ => (Func<Task>)(() => IncrementAsync(store, id, each)))]);

        Expect.Equal(2 * Writers * each, Count(Expect.Found(await store.GetAsync(id))), "the count after all increments");
    });

    [Clause("L10", "L12", Race = true)]
    public Task Of_many_rotations_of_one_session_exactly_one_wins() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var newIds = Enumerable.Range(0, Writers).Select(_ => NewId()).ToList();
            await store.CreateAsync(id, Content());
            var statuses = new SessionWriteStatus[Writers];
            await TogetherAsync(round, [.. Enumerable.Range(0, Writers).Select(i => (Func<Task>)(async () =>
                statuses[i] = (await store.RotateAsync(id, newIds[i], SessionVersion.Any, Content($"w{i}"))).Status))]);

            Expect.Equal(1, statuses.Count(status => status == SessionWriteStatus.Written), "the number of rotations that won");
            Expect.Equal(Writers - 1, statuses.Count(status => status == SessionWriteStatus.Gone), "the number of rotations that were gone");
            Expect.Null(await store.GetAsync(id), "the session under the old id");
            for (var i = 0; i < Writers; i++)
                Expect.Equal(statuses[i] == SessionWriteStatus.Written, await store.GetAsync(newIds[i]) is not null, $"whether the new id of writer {i} is there");
        });
    });

    [Clause("L10", "L12", Race = true)]
    public Task Of_two_rotations_to_one_id_exactly_one_wins() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var ids = new[] { NewId(), NewId() };
            var newId = NewId();
            await store.CreateAsync(ids[0], Content("a"));
            await store.CreateAsync(ids[1], Content("b"));
            var statuses = new SessionWriteStatus[2];
            await TogetherAsync(round,
                async () => statuses[0] = (await store.RotateAsync(ids[0], newId, SessionVersion.Any, Content("a"))).Status,
                async () => statuses[1] = (await store.RotateAsync(ids[1], newId, SessionVersion.Any, Content("b"))).Status);

            var winner = Array.IndexOf(statuses, SessionWriteStatus.Written);
            Expect.True(winner >= 0, "one of the rotations wins");
            Expect.Equal(SessionWriteStatus.Taken, statuses[1 - winner], "the status of the other rotation");
            await HasAsync(store, newId, winner == 0 ? "a" : "b");
            await HasAsync(store, ids[1 - winner], winner == 0 ? "b" : "a");
            Expect.Null(await store.GetAsync(ids[winner]), "the old id of the winner");
        });
    });

    [Clause("L10", "L5", "L12", Race = true)]
    public Task Of_a_create_and_a_rotation_to_one_id_exactly_one_wins() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, newId) = (NewId(), NewId());
            await store.CreateAsync(id, Content());
            SessionWriteStatus created = default;
            SessionWriteStatus rotated = default;
            await TogetherAsync(round,
                async () => created = (await store.CreateAsync(newId, Content("created"))).Status,
                async () => rotated = (await store.RotateAsync(id, newId, SessionVersion.Any, Content("rotated"))).Status);

            if (created == SessionWriteStatus.Written)
            {
                Expect.Equal(SessionWriteStatus.Taken, rotated);
                await HasAsync(store, newId, "created");
                await HasAsync(store, id, "one");
            }
            else
            {
                Expect.Equal(SessionWriteStatus.Written, rotated);
                await HasAsync(store, newId, "rotated");
                Expect.Null(await store.GetAsync(id), "the session under the old id");
            }
        });
    });

    [Clause("L10", "L6", "L12", Race = true)]
    public Task Of_a_replace_and_a_rotation_of_one_version_exactly_one_wins() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, newId) = (NewId(), NewId());
            var version = (await store.CreateAsync(id, Content())).Version;
            SessionWriteStatus replaced = default;
            SessionWriteStatus rotated = default;
            await TogetherAsync(round,
                async () => replaced = (await store.ReplaceAsync(id, version, Content("replaced"))).Status,
                async () => rotated = (await store.RotateAsync(id, newId, version, Content("rotated"))).Status);

            if (replaced == SessionWriteStatus.Written)
            {
                Expect.Equal(SessionWriteStatus.Conflict, rotated);
                await HasAsync(store, id, "replaced");
                Expect.Null(await store.GetAsync(newId), "the session under the new id");
            }
            else
            {
                Expect.Equal(SessionWriteStatus.Gone, replaced);
                Expect.Equal(SessionWriteStatus.Written, rotated);
                Expect.Null(await store.GetAsync(id), "the session under the old id");
                await HasAsync(store, newId, "rotated");
            }
        });
    });

    [Clause("L8", "L6", "L12", Race = true)]
    public Task A_touch_that_meets_a_replace_neither_fails_it_nor_undoes_it() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var expiresAt = Later;
            var far = Round(expiresAt.AddHours(2));
            var version = (await store.CreateAsync(id, Content("one", expiresAt))).Version;
            var touched = false;
            SessionWriteStatus replaced = default;
            await TogetherAsync(round,
                async () => touched = await store.TouchAsync(id, far),
                async () => replaced = (await store.ReplaceAsync(id, version, Content("two", expiresAt))).Status);

            Expect.True(touched, "touch of a live session returns true");
            Expect.Equal(SessionWriteStatus.Written, replaced);
            var record = await HasAsync(store, id, "two");
            Expect.True(record.ExpiresAt == expiresAt || record.ExpiresAt == far, $"the expiry is one of the two that were written, not {record.ExpiresAt:O}");
        });
    });

    [Clause("L3", "L6", "L12", Race = true)]
    public Task A_slide_that_meets_a_replace_neither_fails_it_nor_undoes_it() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var expiresAt = Later;
            var slide = new SlidingExpiry(TimeSpan.FromDays(1), Round(expiresAt.AddHours(2)));
            var version = (await store.CreateAsync(id, Content("one", expiresAt))).Version;
            SessionWriteStatus replaced = default;
            SessionRecord? slid = null;
            await TogetherAsync(round,
                async () => slid = await store.GetAsync(id, slide),
                async () => replaced = (await store.ReplaceAsync(id, version, Content("two", expiresAt))).Status);

            Expect.Equal(slide.ExtendTo.End, Expect.Found(slid).ExpiresAt, "the expiry that the sliding read returns");
            Expect.Equal(SessionWriteStatus.Written, replaced);
            await HasAsync(store, id, "two");
        });
    });

    [Clause("L8", "L12", Race = true)]
    public Task Of_many_touches_the_furthest_remains() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var expiresAt = Later;
            await store.CreateAsync(id, Content("one", expiresAt));
            await TogetherAsync(round, [.. Enumerable.Range(1, Writers).Select(i => (Func<Task>)(async () =>
                await store.TouchAsync(id, Round(expiresAt.AddMinutes(i)))))]);

            Expect.Equal(Round(expiresAt.AddMinutes(Writers)), (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after all touches");
        });
    });

    [Clause("L7", "L6", "L12", Race = true)]
    public Task A_set_that_meets_a_replace_remains() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var version = (await store.CreateAsync(id, Content())).Version;
            SessionWriteStatus replaced = default;
            await TogetherAsync(round,
                async () => await store.SetAsync(id, Content("set")),
                async () => replaced = (await store.ReplaceAsync(id, version, Content("replaced"))).Status);

            Expect.NotEqual(SessionWriteStatus.Gone, replaced);
            await HasAsync(store, id, "set");
        });
    });

    [Clause("L9", "L12", Race = true)]
    public Task Of_many_destroys_exactly_one_returns_true() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            await store.CreateAsync(id, Content());
            var destroyed = new bool[Writers];
            await TogetherAsync(round, [.. Enumerable.Range(0, Writers).Select(i => (Func<Task>)(async () =>
                destroyed[i] = await store.DestroyAsync(id)))]);

            Expect.Equal(1, destroyed.Count(wasThere => wasThere), "the number of destroys that returned true");
            Expect.Null(await store.GetAsync(id), "the session after the destroys");
        });
    });

    [Clause("L10", "L12", Needs = StoreCapabilities.AtomicRotation, Race = true)]
    public Task A_reader_never_sees_both_ids_of_a_rotation_and_never_neither() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, newId) = (NewId(), NewId());
            await store.CreateAsync(id, Content());
            var rotated = false;
            async Task ReadAsync()
            {
                do
                {
                    await Task.Yield();

                    // Read one after the other, each pair can be told from a rotation in two steps in one direction.
                    if (await store.GetAsync(newId) is not null)
                        Expect.Null(await store.GetAsync(id), "the old id after the new one was seen");

                    if (await store.GetAsync(id) is null)
                        Expect.Found(await store.GetAsync(newId), "the new id after the old one was seen to be gone");
                }
                while (!Volatile.Read(ref rotated));
            }

            async Task RotateAsync()
            {
                try
                {
                    await store.RotateAsync(id, newId, SessionVersion.Any, Content("two"));
                }
                finally
                {
                    Volatile.Write(ref rotated, true);
                }
            }

            await TogetherAsync(2 + (round % 2), [RotateAsync, .. Enumerable.Repeat(ReadAsync, 8)]);
        });
    });

    [Clause("L2", "L12", Race = true)]
    public Task A_reader_never_sees_half_a_write() => RunAsync(async (store, id) =>
    {
        var expiresAt = Later;
        SessionContent Version(int i) => Content($"v{i}", Round(expiresAt.AddMinutes(i % 50)), $"s{i}");
        await store.SetAsync(id, Version(0));
        var over = false;
        var reads = 0;

        await TogetherAsync(2,
            async () =>
            {
                try
                {
                    // Until the reader has met the writer as often, which on a busy machine may get no turn for a while.
                    for (var i = 1; i <= Fixture.RaceRounds || Volatile.Read(ref reads) < Fixture.RaceRounds; i++)
                    {
                        await store.SetAsync(id, Version(i));
                        await Task.Yield();
                    }
                }
                finally
                {
                    Volatile.Write(ref over, true);
                }
            },
            async () =>
            {
                // A reader that fails has read enough for the writer to end.
                try
                {
                    var last = "";
                    while (!Volatile.Read(ref over))
                    {
                        await Task.Yield();
                        var record = Expect.Found(await store.GetAsync(id));
                        Check(record);

                        // Reads in a row while the writer gets no turn meet nothing, and do not count.
                        if (record.Subject != last)
                            Interlocked.Increment(ref reads);

                        last = record.Subject;
                    }
                }
                finally
                {
                    Volatile.Write(ref reads, Fixture.RaceRounds);
                }
            });

        void Check(SessionRecord record)
        {
            var number = int.Parse(record.Subject![1..], System.Globalization.CultureInfo.InvariantCulture);
            Expect.Bytes(Payload($"v{number}"), record.Payload, "the payload that was written with the subject");
            Expect.Equal(Round(expiresAt.AddMinutes(number % 50)), record.ExpiresAt, "the expiry that was written with the subject");
        }
    });

    private async Task IncrementAsync(ISessionStore store, string id, int times)
    {
        for (var i = 0; i < times; i++)
        {
            SessionWriteResult result;
            do
            {
                var loaded = Expect.Found(await store.GetAsync(id));
                await Task.Yield();
                result = await store.ReplaceAsync(id, loaded.Version, Content($"{Count(loaded) + 1}"));
                Expect.NotEqual(SessionWriteStatus.Gone, result.Status);
            }
            while (result.Status != SessionWriteStatus.Written);
        }
    }

    /// <summary>Reads an id several times while other writers of it end.</summary>
    private static async Task IsNeverSeenAsync(ISessionStore store, string id, string what)
    {
        for (var i = 0; i < 4; i++)
        {
            Expect.Null(await store.GetAsync(id), what);
            await Task.Yield();
        }
    }

    private static int Count(SessionRecord record)
    {
        using var document = System.Text.Json.JsonDocument.Parse(record.Payload);
        return int.Parse(document.RootElement.GetProperty("mark").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
    }
}
