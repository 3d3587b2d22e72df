namespace SessionStores.Conformance.Suites;

/// <summary>The sessions of a subject are found and ended together.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class SubjectSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task The_sessions_of_a_subject_are_listed() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (a, b) = (NewId(), NewId());
        await store.CreateAsync(a, Content("a", null, "alice"));
        await store.SetAsync(b, Content("b", null, "alice"));
        await store.CreateAsync(NewId(), Content("c", null, "bob"));
        await store.CreateAsync(NewId(), Content("d"));

        await ListsAsync(subjects, "alice", a, b);
    });

    [Clause("L14", "L2", Needs = StoreCapabilities.Subjects)]
    public Task Sessions_listed_by_subject_are_those_that_get_returns() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var id = NewId();
        var stored = await StoredAsync(store, id, Content("listed", null, "alice"));

        var record = (await ListAsync(subjects.ListBySubjectAsync("alice")))[0];

        Expect.Equal(id, record.Id);
        Expect.Bytes(stored.Payload, record.Payload);
        Expect.Equal(stored.ExpiresAt, record.ExpiresAt);
        Expect.Equal("alice", record.Subject);
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, record.Version, Content("two"))).Status, "replace with a listed version");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task A_subject_without_sessions_lists_nothing() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        await store.CreateAsync(NewId(), Content("one", null, "alice"));

        await ListsAsync(subjects, "unknown");
        Expect.Equal(0L, await subjects.DestroyBySubjectAsync("unknown"), "the number of sessions destroyed");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task The_index_follows_a_replace() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var id = NewId();
        var first = await store.CreateAsync(id, Content("one"));
        var second = await store.ReplaceAsync(id, first.Version, Content("two", null, "alice"));
        await ListsAsync(subjects, "alice", id);

        var third = await store.ReplaceAsync(id, second.Version, Content("three", null, "bob"));
        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob", id);

        await store.ReplaceAsync(id, third.Version, Content("four"));
        await ListsAsync(subjects, "bob");

        await store.ReplaceAsync(id, SessionVersion.Any, Content("five", null, "alice"));
        await ListsAsync(subjects, "alice", id);
        await store.ReplaceAsync(id, SessionVersion.Any, Content("six", null, "bob"));
        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob", id);
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task The_index_follows_a_set() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var id = NewId();
        await store.SetAsync(id, Content("one", null, "alice"));
        await store.SetAsync(id, Content("two", null, "bob"));
        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob", id);

        await store.SetAsync(id, Content("three"));
        await ListsAsync(subjects, "bob");
    });

    [Clause("L14", "L10", Needs = StoreCapabilities.Subjects)]
    public Task The_index_follows_a_rotation() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (id, second, third) = (NewId(), NewId(), NewId());
        await store.CreateAsync(id, Content("one", null, "alice"));

        await store.RotateAsync(id, second, SessionVersion.Any, Content("two", null, "alice"));
        await ListsAsync(subjects, "alice", second);

        await store.RotateAsync(second, third, SessionVersion.Any, Content("three", null, "bob"));
        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob", third);
    });

    [Clause("L14", "L8", Needs = StoreCapabilities.Subjects)]
    public Task A_session_that_was_touched_stays_listed_past_its_first_expiry() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (touched, slid, subject) = ("", "", "");
        var first = await BeforeAsync(async end =>
        {
            (touched, slid, subject) = (NewId(), NewId(), NewId());
            await store.CreateAsync(touched, Content("one", end, subject));
            await store.CreateAsync(slid, Content("one", end, subject));
            await store.TouchAsync(touched, Later);
            await store.GetAsync(slid, new SlidingExpiry(TimeSpan.FromDays(1), Later));
        });

        await Context.PassAsync(first);

        await ListsAsync(subjects, subject, touched, slid);
        Expect.Equal(2L, await subjects.DestroyBySubjectAsync(subject), "the number of sessions destroyed");
    });

    [Clause("L14", "L9", Needs = StoreCapabilities.Subjects)]
    public Task A_destroyed_session_is_not_listed() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (a, b) = (NewId(), NewId());
        await store.CreateAsync(a, Content("a", null, "alice"));
        await store.CreateAsync(b, Content("b", null, "alice"));

        await store.DestroyAsync(a);

        await ListsAsync(subjects, "alice", b);
    });

    [Clause("L14", "L1", Needs = StoreCapabilities.Subjects)]
    public Task An_expired_session_is_neither_listed_nor_counted_as_destroyed() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var kept = NewId();
        await store.CreateAsync(kept, Content("kept", null, "alice"));
        var soon = Soon();
        for (var i = 0; i < 3; i++)
            await store.CreateAsync(NewId(), Content("soon", soon, "alice"));

        await Context.PassAsync(soon);

        await ListsAsync(subjects, "alice", kept);
        Expect.Equal(1L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions destroyed");
    });

    [Clause("L14", "L5", Needs = StoreCapabilities.Subjects)]
    public Task An_id_that_was_taken_anew_is_not_listed_for_its_old_subject() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (destroyed, expired) = (NewId(), NewId());
        var soon = Soon();
        await store.CreateAsync(destroyed, Content("one", null, "alice"));
        await store.CreateAsync(expired, Content("one", soon, "alice"));
        await store.DestroyAsync(destroyed);
        await Context.PassAsync(soon);
        await store.CreateAsync(destroyed, Content("two", null, "bob"));
        await store.CreateAsync(expired, Content("two"));

        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob", destroyed);
        Expect.Equal(0L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions destroyed");
        await HasAsync(store, expired, "two");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task Destroy_by_subject_ends_all_its_sessions_and_no_other() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var mine = await FillAsync(store, 30, "alice");
        var (other, unowned) = (NewId(), NewId());
        await store.CreateAsync(other, Content("other", null, "bob"));
        await store.CreateAsync(unowned, Content("unowned"));

        var count = await subjects.DestroyBySubjectAsync("alice");

        Expect.Equal(30L, count, "the number of sessions destroyed");
        foreach (var id in mine)
            Expect.Null(await store.GetAsync(id), "a session of the subject");

        await HasAsync(store, other, "other");
        await HasAsync(store, unowned, "unowned");
        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob", other);
        Expect.Equal(0L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions destroyed the second time");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task Destroy_by_subject_can_keep_one() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var mine = await FillAsync(store, 10, "alice");

        var count = await subjects.DestroyBySubjectAsync("alice", [mine[4]]);

        Expect.Equal(9L, count, "the number of sessions destroyed");
        await HasAsync(store, mine[4], "m4");
        await ListsAsync(subjects, "alice", mine[4]);
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task Keeping_a_session_that_is_not_the_subjects_destroys_all() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        await FillAsync(store, 3, "alice");
        var other = NewId();
        await store.CreateAsync(other, Content("other", null, "bob"));

        Expect.Equal(3L, await subjects.DestroyBySubjectAsync("alice", [other]), "the number of sessions destroyed");
        Expect.Equal(0L, await subjects.DestroyBySubjectAsync("alice", [NewId()]), "the number of sessions destroyed the second time");
        await HasAsync(store, other, "other");
    });

    [Clause("L14", "L9", Needs = StoreCapabilities.Subjects)]
    public Task A_session_destroyed_by_subject_does_not_come_back() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (id, newId) = (NewId(), NewId());
        var version = (await store.CreateAsync(id, Content("one", null, "alice"))).Version;
        await subjects.DestroyBySubjectAsync("alice");

        Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(id, version, Content("two", null, "alice"))).Status, "replace after the destroy");
        Expect.True(!await store.TouchAsync(id, Later), "touch after the destroy returns false");
        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(id, newId, SessionVersion.Any, Content())).Status, "rotate after the destroy");
        await ListsAsync(subjects, "alice");
    });

    [Clause("L14", "L16", Needs = StoreCapabilities.Subjects)]
    public Task Subjects_are_taken_literally() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var texts = new[]
        {
            "a", "A", "a ", " a", "a:b", "a*", "*", "?", "%", "_", "[a]", "' OR 1=1 --", "{\"$ne\":null}", "$where", "\"quoted\"", "\\", "a\\\"b",
            "null", "0", "ä", "a\u0308", "😀", "語", "../a", "{tag}", "a b", "\u2028", new string('s', 256), new string('語', 256), "alice@example.org",
        };
        var ids = new List<string>();
        foreach (var text in texts)
        {
            ids.Add(NewId());
            var record = await StoredAsync(store, ids[^1], Content("one", null, text));
            Expect.Equal(text, record.Subject, "the subject that was written");
        }

        for (var i = 0; i < texts.Length; i++)
        {
            await ListsAsync(subjects, texts[i], ids[i]);
            Expect.Equal(ids[i], (await subjects.PageBySubjectAsync(texts[i], 10, null, withPayloads: false)).Sessions[0].Id, $"the session listed without payload for subject {i}");
            Expect.Equal(1L, await subjects.CountBySubjectAsync(texts[i]), $"the number of sessions counted for subject {i}");
            Expect.Equal(1L, await subjects.DestroyBySubjectAsync(texts[i]), $"the number of sessions destroyed for subject {i}");
        }
    });

    [Clause("L14", "L16", Needs = StoreCapabilities.Subjects)]
    public Task Invalid_subjects_and_ids_are_refused() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var id = NewId();
        await store.CreateAsync(id, Content("one", null, "alice"));
        await Expect.ThrowsAsync<ArgumentNullException>(() => ListAsync(subjects.ListBySubjectAsync(null!)), "a listing for null");
        await Expect.ThrowsAsync<ArgumentNullException>(() => subjects.DestroyBySubjectAsync(null!).AsTask(), "a destroy for null");
        foreach (var bad in new[] { "", new string('s', 257), string.Concat(Enumerable.Repeat("\U0001F600", 129)), "a\nb", "a\u0000", "a\uD800" })
        {
            await Expect.ThrowsAsync<ArgumentException>(() => ListAsync(subjects.ListBySubjectAsync(bad)), "a listing for an invalid subject");
            await Expect.ThrowsAsync<ArgumentException>(() => subjects.DestroyBySubjectAsync(bad).AsTask(), "a destroy for an invalid subject");
            await Expect.ThrowsAsync<ArgumentException>(() => subjects.DestroyBySubjectAsync("alice", [bad]).AsTask(), "a destroy but an invalid id");
        }

        await HasAsync(store, id, "one");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task A_subject_can_have_many_sessions() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        // Over a thousand sessions and two thousand ids to keep, and then over five thousand sessions to destroy.
        var ids = NewIds(1100);
        await CreateManyAsync(store, ids, Content("many", null, "alice"));
        var kept = ids.Skip(5).ToList();

        await ListsAsync(subjects, "alice", [.. ids]);
        Expect.Equal(5L, await subjects.DestroyBySubjectAsync("alice", [.. NewIds(1500), .. kept]), "the number of sessions destroyed but 1,095 among 2,595 ids");
        await ListsAsync(subjects, "alice", [.. kept]);

        await CreateManyAsync(store, NewIds(4000), Content("many", null, "alice"));
        Expect.Equal(5095L, await subjects.CountBySubjectAsync("alice"), "the number of sessions before the last destroy");
        Expect.Equal(5095L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions destroyed");
        await ListsAsync(subjects, "alice");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects | StoreCapabilities.StoredCount)]
    public Task Nothing_is_left_of_a_subject_whose_sessions_were_destroyed() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var ids = await FillAsync(store, 10, "alice");
        foreach (var id in ids.Take(5))
            await store.DestroyAsync(id);

        await subjects.DestroyBySubjectAsync("alice");

        Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored when all sessions are destroyed");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects | StoreCapabilities.StoredCount)]
    public Task A_session_that_moves_between_subjects_leaves_nothing_behind() => RunAsync<ISessionSubjects>(async (store, _) =>
    {
        var id = NewId();
        var version = (await store.CreateAsync(id, Content("one", null, "s0"))).Version;
        for (var i = 1; i <= 20; i++)
            version = (await store.ReplaceAsync(id, version, Content($"m{i}", null, $"s{i}"))).Version;

        for (var i = 0; i < 20; i++)
        {
            var newId = NewId();
            await store.RotateAsync(id, newId, SessionVersion.Any, Content("moved", null, $"r{i}"));
            id = newId;
        }

        await store.DestroyAsync(id);

        Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored when the session is destroyed");
    });

    [Clause("L14", "L15", "L1", Needs = StoreCapabilities.Subjects | StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Nothing_is_left_of_a_subject_whose_sessions_expired_once_pruned() => RunAsync<ISessionSubjects>(async (store, _) =>
    {
        var soon = Soon();
        for (var i = 0; i < 10; i++)
            await store.CreateAsync(NewId(), Content("soon", soon, $"subject{i % 3}"));

        await Context.PassAsync(soon);

        await Context.UntilAsync(
            async () =>
            {
                await store.Require<ISessionPruning>().PruneAsync();
                return await Fixture.CountStoredAsync(Context.Namespace) == 0;
            },
            "nothing is stored once all sessions have expired and were pruned");
    });

    [Clause("L14", "L12", Needs = StoreCapabilities.Subjects, Race = true)]
    public Task Of_many_destroys_by_subject_each_session_is_counted_once() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        await RoundsAsync(8, Math.Max(8, Fixture.RaceRounds / 10), async round =>
        {
            var subject = NewId();
            await FillAsync(store, 8, subject);
            var counts = new long[3];
            await TogetherAsync(round, [.. Enumerable.Range(0, 3).Select(i => (Func<Task>)(async () =>
                counts[i] = await subjects.DestroyBySubjectAsync(subject)))]);

            Expect.Equal(8L, counts.Sum(), "the sum of the sessions destroyed");
            await ListsAsync(subjects, subject);
        });
    });

    [Clause("L14", "L12", Needs = StoreCapabilities.Subjects, Race = true)]
    public Task A_sign_in_that_meets_a_destroy_by_subject_is_either_listed_or_destroyed() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        await RoundsAsync(async round =>
        {
            var (subject, id) = (NewId(), NewId());
            var count = 0L;
            await TogetherAsync(round,
                async () => await store.CreateAsync(id, Content("one", null, subject)),
                async () => count = await subjects.DestroyBySubjectAsync(subject));

            var there = await store.GetAsync(id) is not null;
            Expect.Equal(there ? 0L : 1L, count, "the number of sessions destroyed, after what get returned");
            Expect.Equal(there ? 1 : 0, (await ListAsync(subjects.ListBySubjectAsync(subject))).Count, "the number of sessions of the subject");
        });
    });

    private async Task<List<string>> FillAsync(ISessionStore store, int count, string subject)
    {
        var ids = Enumerable.Range(0, count).Select(_ => NewId()).ToList();
        foreach (var some in ids.Index().Chunk(50))
            await Task.WhenAll(some.Select(each => store.CreateAsync(each.Item, Content($"m{each.Index}", null, subject)).AsTask()));

        return ids;
    }

    private static async Task ListsAsync(ISessionSubjects subjects, string subject, params string[] ids)
    {
        var listed = (await ListAsync(subjects.ListBySubjectAsync(subject))).ConvertAll(record => record.Id);
        Expect.Equal(ids.Length, listed.Count, "the number of sessions listed for a subject");
        Expect.Equal(0, ids.Except(listed).Count(), "the number of sessions missing in the list of a subject");
    }
}
