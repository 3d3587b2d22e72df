namespace SessionStores.Conformance.Suites;

/// <summary>The sessions with a key are found and ended together, whoever has them.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class KeySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L24", "L16")]
    public Task Content_with_a_key_is_kept_or_refused() => RunAsync(async (store, id) =>
    {
        var content = Content("two", "alice", "k");
        if (store.GetCapability<ISessionKeys>() is not null)
        {
            Expect.Equal("k", (await StoredAsync(store, id, content)).Key, "the key that was written");
            return;
        }

        var (absent, newId) = (NewId(), NewId());
        var version = (await StoredAsync(store, id, Content("one"))).Version;
        await RefusesAsync(store, id, absent, newId, version, content, "content with a key in a store that keeps none");
    });

    [Clause("L24", "L16", Needs = StoreCapabilities.Keys)]
    public Task An_invalid_key_is_refused() => RunAsync(async (store, id) =>
    {
        var version = (await StoredAsync(store, id, Content("one"))).Version;
        foreach (var bad in new[] { "", new string('k', 257), "a\nb", "a\u0000", "a\u0002", "a\uD800" })
            await RefusesAsync(store, id, NewId(), NewId(), version, Content("two", "alice", bad), "content with an invalid key");
    });

    [Clause("L24", "L17")]
    public Task The_reserved_member_for_the_key_is_refused() => RunAsync(async (store, id) =>
    {
        var version = (await StoredAsync(store, id, Content("one"))).Version;
        foreach (var payload in new[] { """{"cookie":{},"__key":"k"}""", """{"__key":null}""", """{"a":1,"\u005f_key":"k"}""" })
            await RefusesAsync(store, id, NewId(), NewId(), version, new SessionContent(Json(payload), Later), "a payload with a member __key");

        var (nested, text) = (NewId(), NewId());
        await store.SetAsync(nested, new SessionContent(Json("""{"a":{"__key":"k"},"__keys":1,"__KEY":2}"""), Later));
        await store.SetAsync(text, new SessionContent(Json("""{"a":"\"__key\":\"k\""}"""), Later));
        Expect.Null(Expect.Found(await store.GetAsync(nested)).Key, "the key of a session with a nested member __key");
        Expect.Null(Expect.Found(await store.GetAsync(text)).Key, "the key of a session with __key in a text");
    });

    [Clause("L24", "L2", Needs = StoreCapabilities.Keys)]
    public Task The_key_is_kept_on_every_path() => RunAsync<ISessionKeys>(async (store, keys) =>
    {
        var contents = new List<(string, SessionContent)>();
        foreach (var (subject, key) in new (string?, string?)[] { (null, "k"), ("alice", "k"), ("alice", null), ("alice", "alice"), (null, null) })
        {
            contents.Add(($"subject {subject ?? "none"} and key {key ?? "none"}", Content("one", subject, key)));
            contents.Add(($"subject {subject ?? "none"} and key {key ?? "none"} in an empty object", new SessionContent(Json("{}"), Later, subject, key)));
            contents.Add(($"subject {subject ?? "none"} and key {key ?? "none"} in white space", new SessionContent(Json(" { \"a\" : [1 , 2] \n} "), Later, subject, key)));
        }

        var written = await WriteEachAsync(store, ContentPaths, contents, () => Context.Now);
        var listed = (await ListAsync(keys.ListByKeyAsync("k"))).ToDictionary(record => record.Id, StringComparer.Ordinal);
        Expect.Equal(written.Count(each => each.Content.Key == "k"), listed.Count, "the number of sessions with the key");
        foreach (var (name, readAsync) in await ReadPathsAsync(store, "alice"))
        {
            foreach (var (what, id, content, _, _) in written)
            {
                if (await readAsync(id) is not { } record)
                    continue;

                Is(content, record, $"{what}, read by {name}");
                if (content.Key == "k")
                    Is(content, Expect.Found(listed.GetValueOrDefault(id), $"the listed session with {what}"), $"{what}, listed by key");
            }
        }
    });

    [Clause("L24", "L14", "L16", Needs = StoreCapabilities.Keys | StoreCapabilities.Subjects)]
    public Task The_same_text_as_a_subject_and_as_a_key_names_other_sessions() => RunAsync<ISessionKeys>(async (store, keys) =>
    {
        var subjects = store.Require<ISessionSubjects>();
        var (ofSubject, ofKey, ofBoth) = (NewId(), NewId(), NewId());
        await store.CreateAsync(ofSubject, Content("subject", "same", null));
        await store.CreateAsync(ofKey, Content("key", null, "same"));
        await store.CreateAsync(ofBoth, Content("both", "same", "same"));

        await ListsAsync(keys, "same", ofKey, ofBoth);
        Expect.Equal(2L, await keys.CountByKeyAsync("same"), "the number of sessions with the key");
        Expect.Equal(2L, await subjects.CountBySubjectAsync("same"), "the number of sessions of the subject");
        var continuation = (await subjects.PageBySubjectAsync("same", 1)).Continuation;
        await Expect.ThrowsAsync<ArgumentException>(() => keys.PageByKeyAsync("same", 1, continuation).AsTask(), "a page by key that continues one by subject");

        Expect.Equal(1L, await keys.DestroyByKeyAsync("same", [ofBoth]), "the number of sessions destroyed by the key but one");
        await HasAsync(store, ofSubject, "subject");
        Expect.Null(await store.GetAsync(ofKey), "the session with the key");
        Expect.Equal(2L, await subjects.DestroyBySubjectAsync("same"), "the number of sessions destroyed by the subject");
        await ListsAsync(keys, "same");
    });

    [Clause("L24", "L6", "L10", Needs = StoreCapabilities.Keys | StoreCapabilities.Subjects)]
    public Task Subject_and_key_change_by_themselves() => RunAsync<ISessionKeys>(async (store, keys) =>
    {
        var (id, newId) = (NewId(), NewId());
        var version = (await store.CreateAsync(id, Content("same", "alice", "k1"))).Version;
        version = (await WrittenAsync(store.ReplaceAsync(id, version, Content("same", "bob", "k1")))).Version;
        await IsOfAsync(store, "bob", "k1", id);
        await IsOfAsync(store, "alice", null, null);

        version = (await WrittenAsync(store.ReplaceAsync(id, version, Content("same", "bob", "k2")))).Version;
        await IsOfAsync(store, "bob", "k2", id);
        await ListsAsync(keys, "k1");

        version = (await WrittenAsync(store.RotateAsync(id, newId, version, Content("same", null, "k2")))).Version;
        await IsOfAsync(store, null, "k2", newId);
        await IsOfAsync(store, "bob", null, null);

        await WrittenAsync(store.ReplaceAsync(newId, version, Content("same", "bob", null)));
        await IsOfAsync(store, "bob", null, newId);
        await ListsAsync(keys, "k2");
    });

    [Clause("L24", "L6", Needs = StoreCapabilities.Keys)]
    public Task A_version_tells_subject_and_key_apart() => RunAsync(async store =>
    {
        var versions = new List<SessionVersion>();
        foreach (var (subject, key) in new (string?, string?)[] { (null, null), ("a", null), (null, "a"), ("a", "a"), ("ab", "c"), ("a", "bc"), ("a", "A") })
            versions.Add((await store.CreateAsync(NewId(), Content("same", subject, key))).Version);

        Expect.Equal(versions.Count, versions.Distinct().Count(), "the number of versions that differ");
    });

    [Clause("L24", "L9", Needs = StoreCapabilities.Keys)]
    public Task Destroy_by_key_ends_its_sessions_whoever_has_them() => RunAsync<ISessionKeys>(async (store, keys) =>
    {
        var mine = new List<string>();
        foreach (var subject in new[] { "alice", "bob", null })
            mine.Add(await CreateAsync(store, Content("mine", subject, "k")));

        var other = await CreateAsync(store, Content("other", "alice", "l"));

        Expect.Equal(3L, await keys.DestroyByKeyAsync("k"), "the number of sessions destroyed");
        foreach (var id in mine)
            Expect.Null(await store.GetAsync(id), "a session with the key");

        await HasAsync(store, other, "other");
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(1L, await subjects.CountBySubjectAsync("alice"), "the number of sessions of the subject that are left");
    });

    [Clause("L24", "L22", Needs = StoreCapabilities.Keys | StoreCapabilities.Caps)]
    public Task A_write_with_a_cap_writes_the_key() => RunAsync<ISessionKeys>(async (store, keys) =>
    {
        var caps = store.Require<ISessionCaps>();
        var cap = SessionCap.Refuse(3);
        var (created, replaced, rotated, newId) = (NewId(), NewId(), NewId(), NewId());
        await WrittenAsync(caps.CreateAsync(created, Content("one", "alice", "k"), cap));
        Is(Content("one", "alice", "k"), Expect.Found(await store.GetAsync(created)), "a create with a cap");

        var version = (await store.CreateAsync(replaced, Content("two"))).Version;
        await WrittenAsync(caps.ReplaceAsync(replaced, version, Content("two", "alice", "k"), cap));
        Is(Content("two", "alice", "k"), Expect.Found(await store.GetAsync(replaced)), "a replace with a cap");

        await store.CreateAsync(rotated, Content("three"));
        await WrittenAsync(caps.RotateAsync(rotated, newId, SessionVersion.Any, Content("three", "alice", "k"), cap));
        await ListsAsync(keys, "k", created, replaced, newId);

        // What a cap ends is no longer listed either.
        await WrittenAsync(caps.CreateAsync(NewId(), Content("four", "alice", "k"), SessionCap.EndOldest(2)));
        Expect.Equal(2L, await keys.CountByKeyAsync("k"), "the number of sessions with the key when the cap has ended two of four");
        Expect.Equal(2, (await keys.PageByKeyAsync("k")).Sessions.Count, "the number of sessions listed by key when the cap has ended two of four");
    });

    [Clause("L24", "L15", "L2", Needs = StoreCapabilities.Keys | StoreCapabilities.Expirations)]
    public Task An_expired_session_is_claimed_with_its_key() => RunAsync<ISessionKeys>(async (store, keys) =>
    {
        var expirations = store.Require<ISessionExpirations>();
        await expirations.ClaimExpiredAsync(1, TimeSpan.FromMinutes(1));
        var id = NewId();
        var soon = Soon();
        await store.CreateAsync(id, new SessionContent(Payload(), soon, "alice", "k"));
        await Context.PassAsync(soon);

        var claimed = new List<ExpiredSession>();
        await Context.UntilAsync(
            async () =>
            {
                claimed.AddRange(await expirations.ClaimExpiredAsync(10, TimeSpan.FromMinutes(1)));
                return claimed.Count > 0;
            },
            "the expired session is claimed");

        Expect.Equal("k", claimed[0].Session.Key, "the key of the expired session");
        Expect.Equal("alice", claimed[0].Session.Subject, "the subject of the expired session");
        Expect.Bytes(Payload(), claimed[0].Session.Payload);
        await expirations.ConfirmExpiredAsync(claimed);
        await ListsAsync(keys, "k");
        Expect.Equal(0L, await keys.DestroyByKeyAsync("k"), "the number of claimed sessions destroyed");
    });

    [Clause("L24", "L10", Needs = StoreCapabilities.Keys | StoreCapabilities.Successors)]
    public Task A_successor_has_its_key() => RunAsync(async (store, id) =>
    {
        await store.CreateAsync(id, Content("one", "alice", "k1"));
        await store.RotateAsync(id, NewId(), SessionVersion.Any, Content("two", "alice", "k2"));

        Expect.Equal("k2", (await store.Require<ISessionSuccessors>().FindSuccessorAsync(id))?.Session.Key, "the key of what the id became");
    });

    [Clause("L24", "L23", Needs = StoreCapabilities.Keys | StoreCapabilities.Epochs)]
    public Task A_void_session_is_neither_listed_nor_counted_by_key() => RunAsync<ISessionKeys>(async (store, keys) =>
    {
        await store.CreateAsync(NewId(), Content("void", "alice", "k"));
        var left = await CreateAsync(store, Content("left", "bob", "k"));

        await store.Require<ISessionEpochs>().VoidBySubjectAsync("alice");

        await ListsAsync(keys, "k", left);
        Expect.Equal(1L, await keys.CountByKeyAsync("k"), "the number of sessions with the key");
        Expect.Equal(1L, await keys.DestroyByKeyAsync("k"), "the number of sessions destroyed");
    });

    private SessionContent Content(string mark, string? subject, string? key) => new(Payload(mark), Later, subject, key);

    private static void Is(SessionContent content, SessionRecord record, string what)
    {
        Expect.Equal(content.Key, record.Key, $"the key after {what}");
        Expect.Equal(content.Subject, record.Subject, $"the subject after {what}");
        Expect.Bytes(content.Payload, record.Payload);
    }

    private static async Task<SessionWriteResult> WrittenAsync(ValueTask<SessionWriteResult> write)
    {
        var result = await write;
        Expect.Equal(SessionWriteStatus.Written, result.Status, "the status of a write");
        return result;
    }

    /// <summary>Checks whose session there is.</summary>
    private static async Task IsOfAsync(ISessionStore store, string? subject, string? key, string? id)
    {
        if (subject is not null)
            Expect.Equal(id ?? "", string.Join(' ', (await ListAsync(store.Require<ISessionSubjects>().ListBySubjectAsync(subject))).Select(record => record.Id)), "the sessions of the subject");

        if (key is not null)
            Expect.Equal(id ?? "", string.Join(' ', (await ListAsync(store.Require<ISessionKeys>().ListByKeyAsync(key))).Select(record => record.Id)), "the sessions with the key");
    }

    private static async Task ListsAsync(ISessionKeys keys, string key, params string[] ids)
    {
        var listed = (await ListAsync(keys.ListByKeyAsync(key))).ConvertAll(record => record.Id);
        Expect.Equal(ids.Length, listed.Count, "the number of sessions listed by key");
        Expect.Equal(0, ids.Except(listed).Count(), "the number of sessions missing in the list by key");
    }

    private static async Task RefusesAsync(ISessionStore store, string id, string absent, string newId, SessionVersion version, SessionContent content, string what)
    {
        await Expect.ThrowsAsync<ArgumentException>(() => store.CreateAsync(absent, content).AsTask(), $"a create of {what}");
        await Expect.ThrowsAsync<ArgumentException>(() => store.SetAsync(id, content).AsTask(), $"a set of {what}");
        await Expect.ThrowsAsync<ArgumentException>(() => store.ReplaceAsync(id, version, content).AsTask(), $"a replace with {what}");
        await Expect.ThrowsAsync<ArgumentException>(() => store.RotateAsync(id, newId, version, content).AsTask(), $"a rotation with {what}");
        Expect.Null(await store.GetAsync(absent), "the session that was not created");
        Expect.Null(await store.GetAsync(newId), "the session that was not rotated");
        await HasAsync(store, id, "one");
    }
}
