namespace SessionStores.Conformance.Suites;

/// <summary>All, Length and Clear see the live sessions of the namespace, and nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class EnumerationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task An_empty_store_lists_nothing() => RunAsync<ISessionEnumeration>(async (_, many) =>
    {
        Expect.Equal(0, (await ListAsync(many.AllAsync())).Count, "the number of sessions");
        Expect.Equal(0L, await many.LengthAsync(), "the length");
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task Every_live_session_is_listed_once() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 250);

        var listed = await ListAsync(many.AllAsync());

        SameIds(ids, listed);
        Expect.Equal(250L, await many.LengthAsync(), "the length");
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task Thousands_of_sessions_are_listed_once_each() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
            ids.AddRange((await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => FillAsync(store, 50)))).SelectMany(part => part));

        SameIds(ids, await ListAsync(many.AllAsync()));
        Expect.Equal((long)ids.Count, await many.LengthAsync(), "the length");
        await many.ClearAsync();
        Expect.Equal(0L, await many.LengthAsync(), "the length after the clear of thousands of sessions");
    });

    [Clause("L13", "L2", Needs = StoreCapabilities.Enumeration)]
    public Task Listed_sessions_are_those_that_get_returns() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var (id, immortal) = (NewId(), NewId());
        var one = await StoredAsync(store, id, Content("listed", null, "alice"));
        await StoredAsync(store, immortal, Content("immortal", SessionExpiry.Never));

        var listed = (await ListAsync(many.AllAsync())).ToDictionary(record => record.Id);

        Expect.Bytes(Payload("listed"), listed[id].Payload);
        Expect.Equal(one.ExpiresAt, listed[id].ExpiresAt);
        Expect.Equal("alice", listed[id].Subject);
        Expect.Equal(SessionExpiry.Never, listed[immortal].ExpiresAt);
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, listed[id].Version, Content("two"))).Status, "replace with a listed version");
    });

    [Clause("L13", "L16", Needs = StoreCapabilities.Enumeration)]
    public Task Listed_ids_are_those_that_were_given() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = new[] { "a:b", "a b", "*", "ä😀", "sess:x", "'", "a%20b", "{t}", new string('語', 256) };
        foreach (var id in ids)
            await store.CreateAsync(id, Content());

        SameIds(ids, await ListAsync(many.AllAsync()));
    });

    [Clause("L13", "L1", Needs = StoreCapabilities.Enumeration)]
    public Task An_expired_session_is_not_listed() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var kept = await FillAsync(store, 5);
        var soon = await FillSoonAsync(store, 5);

        await Context.PassAsync(soon);

        SameIds(kept, await ListAsync(many.AllAsync()));
    });

    [Clause("L13", "L1", Needs = StoreCapabilities.Enumeration)]
    public Task An_expired_session_is_not_counted() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        await FillAsync(store, 5);
        var soon = await FillSoonAsync(store, 5);

        await Context.PassAsync(soon);

        Expect.Equal(5L, await many.LengthAsync(), "the length");
    });

    [Clause("L13", "L9", Needs = StoreCapabilities.Enumeration)]
    public Task A_destroyed_session_is_neither_listed_nor_counted() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 6);

        await store.DestroyAsync(ids[0]);
        await store.DestroyAsync(ids[3]);

        SameIds([ids[1], ids[2], ids[4], ids[5]], await ListAsync(many.AllAsync()));
        Expect.Equal(4L, await many.LengthAsync(), "the length");
    });

    [Clause("L13", "L10", Needs = StoreCapabilities.Enumeration)]
    public Task A_rotated_session_is_listed_only_under_its_new_id() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var (id, newId) = (NewId(), NewId());
        await store.CreateAsync(id, Content());

        await store.RotateAsync(id, newId, SessionVersion.Any, Content());

        SameIds([newId], await ListAsync(many.AllAsync()));
        Expect.Equal(1L, await many.LengthAsync(), "the length");
    });

    [Clause("L13", "L7", Needs = StoreCapabilities.Enumeration)]
    public Task A_session_that_was_written_again_is_counted_once() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var id = NewId();
        var version = (await store.CreateAsync(id, Content())).Version;
        await store.ReplaceAsync(id, version, Content("two"));
        await store.SetAsync(id, Content("three"));
        await store.TouchAsync(id, Later.AddHours(1));

        Expect.Equal(1L, await many.LengthAsync(), "the length");
        SameIds([id], await ListAsync(many.AllAsync()));
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task Clear_removes_every_session() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 120, "alice");

        await many.ClearAsync();

        Expect.Equal(0L, await many.LengthAsync(), "the length");
        Expect.Equal(0, (await ListAsync(many.AllAsync())).Count, "the number of sessions");
        foreach (var id in ids)
            Expect.Null(await store.GetAsync(id), "a session after the clear");
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task Clear_of_an_empty_store_succeeds_and_the_store_still_works() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        await many.ClearAsync();
        await many.ClearAsync();

        var id = NewId();
        await StoredAsync(store, id, Content());

        SameIds([id], await ListAsync(many.AllAsync()));
    });

    [Clause("L13", "L14", Needs = StoreCapabilities.Enumeration | StoreCapabilities.Subjects)]
    public Task Clear_empties_the_index_of_subjects_too() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 5, "alice");

        await many.ClearAsync();
        foreach (var id in ids)
            await store.CreateAsync(id, Content());

        Expect.Equal(0, (await ListAsync(store.Require<ISessionSubjects>().ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject");
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration | StoreCapabilities.StoredCount)]
    public Task Clear_leaves_nothing_behind() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        await FillAsync(store, 20, "alice");

        await many.ClearAsync();

        Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored after the clear");
    });

    [Clause("L13", "L2", Needs = StoreCapabilities.Enumeration)]
    public Task A_listing_without_payloads_has_everything_else() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var record = await StoredAsync(store, NewId(), Content("one", null, "alice"));

        var listed = await ListAsync(many.AllAsync(withPayloads: false));

        Expect.Equal(1, listed.Count, "the number of listed sessions");
        IsWithoutPayload(record, listed[0]);
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task A_listing_can_be_left_early_and_begun_again() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 60);

        for (var i = 0; i < 20; i++)
        {
            await foreach (var record in many.AllAsync())
            {
                Expect.True(ids.Contains(record.Id), "a listed session is one of those that were stored");
                break;
            }
        }

        SameIds(ids, await ListAsync(many.AllAsync()));
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task One_listing_can_be_walked_twice() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 10);
        var listing = many.AllAsync();

        SameIds(ids, await ListAsync(listing));
        SameIds(ids, await ListAsync(listing));
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task The_store_can_be_used_while_it_is_listed() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 150);
        var seen = new List<string>();
        var ahead = new HashSet<string>();

        await foreach (var record in many.AllAsync())
        {
            seen.Add(record.Id);
            Expect.True(seen.Count <= ids.Count, $"a listing of {ids.Count} sessions that are written in the meantime has an end");
            if (ids.Find(id => !seen.Contains(id) && !ahead.Contains(id)) is { } next)
            {
                ahead.Add(next);
                await store.SetAsync(next, Content("ahead"));
            }

            if (seen.Count % 2 == 0 && !ahead.Contains(record.Id))
                Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(record.Id, record.Version, Content("seen"))).Status, "replace of a listed session");
            else
                await store.SetAsync(record.Id, Content("seen"));
        }

        Same(ids, seen);
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration, Race = true)]
    public Task A_session_that_stays_is_seen_exactly_once_while_others_come_and_go() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var stable = await FillAsync(store, 300);
        var over = false;
        Func<Task> ComeAndGo(SeededRandom random)
        {
            var mine = new Queue<string>();
            return async () =>
            {
                mine.Enqueue("churn" + random.Text("abcdefghijklmnopqrstuvwxyz", 20));
                await store.CreateAsync(mine.Last(), Content("churn"));
                if (mine.Count > 40)
                    await store.DestroyAsync(mine.Dequeue());
            };
        }

        var churn = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            var comeAndGo = ComeAndGo(new SeededRandom(SeededRandom.NewSeed()));
            while (!Volatile.Read(ref over))
            {
                await Task.Yield();
                await comeAndGo();
            }
        })).ToList();
        var betweenRecords = ComeAndGo(Random);

        try
        {
            for (var walk = 0; walk < 5; walk++)
            {
                var seen = new List<string>();
                await foreach (var record in many.AllAsync())
                {
                    seen.Add(record.Id);

                    // Writers of their own may not get a turn on a busy machine; these changes always meet the walk.
                    if (seen.Count % 10 == 0)
                        await betweenRecords();
                }

                Expect.Equal(seen.Count, seen.Distinct().Count(), $"the number of different ids that walk {walk} saw");
                Same(stable, seen.Where(id => !id.StartsWith("churn", StringComparison.Ordinal)));
            }
        }
        finally
        {
            Volatile.Write(ref over, true);
            await Task.WhenAll(churn);
        }
    });

    [Clause("L13", "L19", Needs = StoreCapabilities.Enumeration | StoreCapabilities.UnreadableRecords)]
    public Task A_record_that_cannot_be_read_is_skipped() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = await FillAsync(store, 5);
        for (var i = 0; i < 3; i++)
            await Fixture.PlantUnreadableAsync(Context.Namespace, NewId());

        ids.AddRange(await FillAsync(store, 5));

        SameIds(ids, await ListAsync(many.AllAsync()));
        var length = await many.LengthAsync();
        Expect.True(length is >= 10 and <= 13, $"the length is 10, or 13 with the records that cannot be read, not {length}");
    });

    private async Task<List<string>> FillAsync(ISessionStore store, int count, string? subject = null)
    {
        List<string> ids;
        lock (Random)
            ids = [.. Enumerable.Range(0, count).Select(_ => NewId())];

        foreach (var id in ids)
            await store.CreateAsync(id, Content("one", null, subject));

        return ids;
    }

    private async Task<DateTimeOffset> FillSoonAsync(ISessionStore store, int count)
    {
        var soon = Soon();
        for (var i = 0; i < count; i++)
            await store.CreateAsync(NewId(), Content("soon", soon));

        return soon;
    }

    private static void SameIds(IEnumerable<string> expected, IEnumerable<SessionRecord> actual) =>
        Same(expected, actual.Select(record => record.Id));

    private static void Same(IEnumerable<string> expected, IEnumerable<string> actual)
    {
        var (wanted, found) = (expected.ToList(), actual.ToList());
        var twice = found.Count - found.Distinct().Count();
        var missing = wanted.Except(found).Count();
        var foreign = found.Except(wanted).Count();
        Expect.True(twice + missing + foreign == 0, $"{wanted.Count} sessions are listed once each, but {missing} were missing, {twice} came twice and {foreign} did not belong there");
    }
}
