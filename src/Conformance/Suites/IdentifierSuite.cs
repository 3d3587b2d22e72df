namespace SessionStores.Conformance.Suites;

/// <summary>Ids are opaque text: nothing in them is a command, a pattern or a path.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class IdentifierSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L16")]
    public Task A_missing_id_is_refused() => RunAsync(() => RefusedAsync<ArgumentNullException>(null!));

    [Clause("L16")]
    public Task An_empty_id_is_refused() => RunAsync(() => RefusedAsync<ArgumentException>(""));

    [Clause("L16")]
    public Task An_id_over_the_limit_is_refused() => RunAsync(async () =>
    {
        await RefusedAsync<ArgumentException>(new string('i', SessionArguments.MaxIdLength + 1));

        // Fewer characters than the limit for whoever counts a surrogate pair as one.
        await RefusedAsync<ArgumentException>(string.Concat(Enumerable.Repeat("\U0001F600", (SessionArguments.MaxIdLength / 2) + 1)));
    });

    [Clause("L16")]
    public Task An_id_with_a_control_character_is_refused() => RunAsync(async () =>
    {
        foreach (var control in "\0\u0001\t\n\r\u001b\u001f\u007f\u0080\u009f")
            await RefusedAsync<ArgumentException>($"a{control}b");
    });

    [Clause("L16")]
    public Task An_id_with_half_a_surrogate_pair_is_refused() => RunAsync(async () =>
    {
        foreach (var id in new[] { "a\uD83D", "\uDE00a", "a\uDE00\uD83Db", "\uD83D\uD83D" })
            await RefusedAsync<ArgumentException>(id);
    });

    [Clause("L16", "L21")]
    public Task A_refusal_does_not_repeat_the_id() => RunAsync(async store =>
    {
        var secret = "secret" + NewId();

        var refused = await Expect.ThrowsAsync<ArgumentException>(() => store.GetAsync(secret + "\n").AsTask(), "get with a control character");

        Expect.True(!refused.ToString().Contains(secret, StringComparison.Ordinal), "the message of the refusal does not repeat the id");
    });

    [Clause("L16")]
    public Task The_longest_id_is_kept() => RunAsync(() => KeptAsync(new string('i', SessionArguments.MaxIdLength), new string('i', SessionArguments.MaxIdLength - 1) + "j"));

    [Clause("L16")]
    public Task The_longest_id_of_wide_characters_is_kept() => RunAsync(() =>
        KeptAsync(new string('語', SessionArguments.MaxIdLength), new string('語', SessionArguments.MaxIdLength - 1) + "誌"));

    [Clause("L16")]
    public Task The_shortest_ids_are_kept() => RunAsync(() => KeptAsync("a", "b", "0", "-", "_", ".", "~"));

    [Clause("L16")]
    public Task Ids_that_differ_by_case_are_different() => RunAsync(() => KeptAsync("Abc", "abc", "ABC", "aBC", "ß", "SS", "ss", "İ", "i", "ı", "I"));

    [Clause("L16")]
    public Task Ids_that_look_alike_are_different() => RunAsync(() => KeptAsync("e", "e\u0301", "\u00e9", "A", "\u0410", "Ａ", "ﬁ", "fi", "\u212B", "\u00C5"));

    [Clause("L16")]
    public Task Ids_that_differ_by_spaces_are_different() => RunAsync(() => KeptAsync("a", " a", "a ", " a ", "a  ", " ", "  ", "\u00A0a", "a\u200B"));

    [Clause("L16")]
    public Task Ids_that_begin_alike_are_different() => RunAsync(() => KeptAsync("a", "aa", "a:", "a:b", "a.b", "a/b", "a_b", "a-b", ":a", "a::b"));

    [Clause("L16")]
    public Task Ids_with_pattern_characters_are_taken_literally() => RunAsync(() =>
        KeptAsync("*", "?", "a*", "a?", "[ab]", "[^a]", "a%", "a_", "ab", "ax", "%", "\\*", "\\", "{a}", "^a$", ".*", "(a|b)"));

    [Clause("L16")]
    public Task Ids_with_SQL_in_them_are_taken_literally() => RunAsync(() =>
        KeptAsync("' OR '1'='1", "'; DROP TABLE session; --", "\" OR \"\"=\"", "a'--", "a;b", "$1", "$$a$$", "E'\\x41'", "x' UNION SELECT 1,2 --", ":id", "@id", "a''b", "null", "NULL", "/* */"));

    [Clause("L16")]
    public Task Ids_with_queries_of_a_document_database_in_them_are_taken_literally() => RunAsync(() =>
        KeptAsync("{\"$gt\":\"\"}", "{\"$ne\":null}", "$where", "$set", "a.b.c", "$a", "_id", "ObjectId(\"507f1f77bcf86cd799439011\")", "507f1f77bcf86cd799439011", "1; return true", "__proto__"));

    [Clause("L16")]
    public Task Ids_with_commands_of_a_key_value_server_in_them_are_taken_literally() => RunAsync(() =>
        KeptAsync("FLUSHALL", "$3 GET", "*1", "{tag}a", "{tag}b", "{}", "}{", "a{b", "KEYS *", "EVAL \"return 1\" 0", "sess:a", "sess:sess:a", "a b c", "\"quoted\"", "'quoted'"));

    [Clause("L16")]
    public Task Ids_that_look_like_paths_are_taken_literally() => RunAsync(() =>
        KeptAsync("../../etc/passwd", "..", ".", "/", "\\", "a/../b", "a/b", "b", "CON", "nul", "a:b", "~/a", "%2e%2e%2f", "a\\b", "file.json", "a|b", "a<b>", "a?b"));

    [Clause("L16")]
    public Task Ids_that_look_like_escapes_are_taken_literally() => RunAsync(() =>
        KeptAsync("A", "%41", "%2541", "a b", "a+b", "a%20b", "a", "a.", "a..", "&#65;", "&amp;", "&", "\\u0041", "\\x41", "=41", "_x0041_", "a\\'b", "a'b", "a,b", "b", "a\"b", "a\\\"b", "QQ==", "QQ"));

    [Clause("L16", "L14")]
    public Task Ids_that_look_like_keys_of_an_index_are_taken_literally() => RunAsync(() => KeptAsync(
        "alice", "subject", "subject:alice", "subjects:alice", "subject/alice", "user:alice", "idx:alice", "index", "index:alice", "link:a", "links", "moved:a", "rotated:a",
        "expires", "expiry", "ttl", "lock", "lock:a", "version", "length", "count", "keys", "meta", "all", "session", "sessions", "cursor", "0:alice"));

    [Clause("L16")]
    public Task Ids_that_look_like_numbers_or_other_values_are_text() => RunAsync(() =>
        KeptAsync("0", "00", "1", "01", "1.0", "1e0", "-0", "true", "false", "undefined", "NaN", "0x1", "2030-01-01"));

    [Clause("L16")]
    public Task Ids_of_any_script_are_kept() => RunAsync(() => KeptAsync("сессия", "세션", "جلسة", "😀", "😀😁", "👨‍👩‍👧", "\u202Eabc", "\uFFFD", "\uFEFFa", "a\u2028b", "\U0010FFFF"));

    [Clause("L16")]
    public Task An_id_comes_back_as_it_was_given() => RunAsync(async store =>
    {
        foreach (var id in new[] { "a b", "a%20b", "a+b", "a&amp;b", "ä", "a/b", "a\"b" })
            Expect.Equal(id, (await StoredAsync(store, id, Content())).Id, "the id of the record");
    });

    [Clause("L16")]
    public Task The_new_id_of_a_rotation_is_checked_too() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        foreach (var bad in new[] { "", new string('i', 257), "a\nb", "a\uD800" })
            await Expect.ThrowsAsync<ArgumentException>(() => store.RotateAsync(id, bad, SessionVersion.Any, Content("two")).AsTask(), "rotate to an invalid id");

        await Expect.ThrowsAsync<ArgumentNullException>(() => store.RotateAsync(id, null!, SessionVersion.Any, Content("two")).AsTask(), "rotate to null");
        await HasAsync(store, id, "one");
    });

    private async Task RefusedAsync<TException>(string id)
        where TException : ArgumentException
    {
        var store = await OpenAsync();
        await Expect.ThrowsAsync<TException>(() => store.GetAsync(id).AsTask(), "get");
        await Expect.ThrowsAsync<TException>(() => store.CreateAsync(id, Content()).AsTask(), "create");
        await Expect.ThrowsAsync<TException>(() => store.ReplaceAsync(id, SessionVersion.Any, Content()).AsTask(), "replace");
        await Expect.ThrowsAsync<TException>(() => store.SetAsync(id, Content()).AsTask(), "set");
        await Expect.ThrowsAsync<TException>(() => store.TouchAsync(id, Later).AsTask(), "touch");
        await Expect.ThrowsAsync<TException>(() => store.DestroyAsync(id).AsTask(), "destroy");
        await Expect.ThrowsAsync<TException>(() => store.RotateAsync(id, NewId(), SessionVersion.Any, Content()).AsTask(), "rotate");
    }

    /// <summary>Each id stores, finds, moves and removes its own session and no other, on every path.</summary>
    private async Task KeptAsync(params string[] ids)
    {
        var store = await OpenAsync();
        var bystander = NewId();
        await StoredAsync(store, bystander, Content("bystander", null, "alice"));
        for (var i = 0; i < ids.Length; i++)
            Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(ids[i], Content($"m{i}", null, "alice"))).Status, $"create of the id {i}");

        for (var i = 0; i < ids.Length; i++)
        {
            var record = await HasAsync(store, ids[i], $"m{i}");
            Expect.Equal(ids[i], record.Id);
            Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(ids[i], record.Version, Content($"n{i}", null, "alice"))).Status, $"replace of the id {i}");
        }

        for (var i = 0; i < ids.Length; i++)
            await ExtendsAsync(store, ids[i], i);

        for (var i = 0; i < ids.Length; i++)
        {
            await HasAsync(store, ids[i], $"n{i}");
            var moved = NewId();
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(ids[i], moved, SessionVersion.Any, Content("moved"))).Status, $"rotate from the id {i}");
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(moved, ids[i], SessionVersion.Any, Content($"o{i}", null, "alice"))).Status, $"rotate to the id {i}");
        }

        for (var i = 0; i < ids.Length; i++)
        {
            await HasAsync(store, ids[i], $"o{i}");
            await store.SetAsync(ids[i], Content($"p{i}", null, "alice"));
        }

        await ListedAsync(store, ids, bystander);
        for (var i = 0; i < ids.Length; i++)
        {
            await HasAsync(store, ids[i], $"p{i}");
            Expect.True(await store.DestroyAsync(ids[i]), $"destroy of the id {i} returns true");
            Expect.Null(await store.GetAsync(ids[i]), $"the session with the id {i} after its destroy");
        }

        await HasAsync(store, bystander, "bystander");
    }

    /// <summary>A touch and a slide extend the session of an id; each session gets an earlier end than the one before, so that
    /// it shows when the touch of another has moved it.</summary>
    private async Task ExtendsAsync(ISessionStore store, string id, int number)
    {
        var end = Round(Later.AddDays(1).AddMinutes(-number));
        Expect.True(await store.TouchAsync(id, end), $"touch of the id {number} returns true");
        Expect.Equal(end, Expect.Found(await store.GetAsync(id)).ExpiresAt, $"the expiry of the id {number} after its touch");
        var slid = Expect.Found(await store.GetAsync(id, new SlidingExpiry(AlwaysDue, end.AddSeconds(1))), $"the session with the id {number}, with a slide");
        Expect.Equal((id, end.AddSeconds(1)), (slid.Id, slid.ExpiresAt), $"the id and the expiry of the id {number} after its slide");
    }

    private async Task ListedAsync(ISessionStore store, string[] ids, string bystander)
    {
        if (store.GetCapability<ISessionEnumeration>() is { } many)
            Expect.Equal(0, ids.Append(bystander).Except((await ListAsync(many.AllAsync())).Select(record => record.Id)).Count(), "the number of ids missing in a listing");

        if (store.GetCapability<ISessionSubjects>() is not { } subjects)
            return;

        var ended = NewId();
        await store.CreateAsync(ended, Content("ended", null, "alice"));
        Expect.Equal(1L, await subjects.DestroyBySubjectAsync("alice", [.. ids, bystander]), "the number of sessions destroyed but those with the ids");
        Expect.Null(await store.GetAsync(ended), "the session that was not to be kept");
        Expect.Equal(0, ids.Append(bystander).Except((await ListAsync(subjects.ListBySubjectAsync("alice"))).Select(record => record.Id)).Count(), "the number of ids missing in a listing of the subject");
    }
}
