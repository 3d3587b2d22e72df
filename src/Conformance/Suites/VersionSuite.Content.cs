namespace SessionStores.Conformance.Suites;

/// <content>A version is of all bytes of the payload and of the subject: not of a part, not of the meaning.</content>
internal sealed partial class VersionSuite
{
    [Clause("L6", "L10")]
    public Task A_payload_that_differs_after_64_kilobytes_has_another_version() => RunAsync(async store =>
    {
        foreach (var (before, after) in new[] { (70_000, 10), (40_000, 40_000), (150_000, 150_000), (300_000, 0) })
        {
            ReadOnlyMemory<byte> Of(char mark) => Json($$"""{"a":"{{new string('x', before)}}{{mark}}{{new string('x', after)}}"}""");
            await TellsApartAsync(store, (Of('a'), null), (Of('b'), null), $"a payload that differs in byte {before}");
        }
    });

    [Clause("L6", "L10")]
    public Task Payloads_that_mean_the_same_have_versions_of_their_own() => RunAsync(async store =>
    {
        foreach (var (one, other) in new[]
        {
            ("""{"a":1,"b":2}""", """{"a":1, "b":2}"""), ("""{"a":1,"b":2}""", """{"b":2,"a":1}"""), ("""{"a":1.0}""", """{"a":1}"""),
            ("""{"a":"A"}""", """{"a":"\u0041"}"""), ("""{"a":2}""", """{"a":1,"a":2}"""), ("""{"a":0}""", """{"a":-0}"""),
            ("""{"a":"\/"}""", """{"a":"/"}"""), ("{\"a\":\"\u00e9\"}", "{\"a\":\"e\u0301\"}"), ("{}", "{} "), ("""{"a":null}""", "{}"),
        })
        {
            await TellsApartAsync(store, (Json(one), null), (Json(other), null), $"{one} and {other}");
        }
    });

    [Clause("L6", "L10", Needs = StoreCapabilities.Subjects)]
    public Task Payload_and_subject_are_told_apart() => RunAsync(async store =>
    {
        await TellsApartAsync(store, (Json("{}"), " a"), (Json("{} "), "a"), "a blank in the payload and in the subject");
        await TellsApartAsync(store, (Json("{}"), "\u2028"), (Json("{}"), null), "a subject of a line separator and none");
    });

    [Clause("L6", "L14", Needs = StoreCapabilities.Subjects)]
    public Task The_subject_counts_as_it_is_written() => RunAsync(async store =>
    {
        foreach (var (one, other) in new[] { ("alice", "Alice"), ("alice", "alice "), ("\u00e9", "e\u0301"), ("alice", "bob"), ("null", null), ("0", "00") })
            await TellsApartAsync(store, (Payload(), one), (Payload(), other), $"the subjects '{one}' and '{other}'");
    });

    /// <summary>A writer that loaded the one is in conflict with the other, which was written in the meantime.</summary>
    private async Task TellsApartAsync(
        ISessionStore store, (ReadOnlyMemory<byte> Payload, string? Subject) one, (ReadOnlyMemory<byte> Payload, string? Subject) other, string what)
    {
        foreach (var ((first, subject), (second, changed)) in new[] { (one, other), (other, one) })
        {
            var id = NewId();
            var loaded = await StoredAsync(store, id, new SessionContent(first, Later, subject));
            await store.SetAsync(id, new SessionContent(second, Later, changed));

            Expect.True(loaded.Version != Expect.Found(await store.GetAsync(id)).Version, $"the version differs between {what}");
            Expect.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync(id, loaded.Version, Content("mine"))).Status, $"replace between {what}");
            Expect.Equal(SessionWriteStatus.Conflict, (await store.RotateAsync(id, NewId(), loaded.Version, Content("mine"))).Status, $"rotate between {what}");
            Expect.Bytes(second, Expect.Found(await store.GetAsync(id)).Payload, $"the payload after the conflicts between {what}");
        }
    }
}
