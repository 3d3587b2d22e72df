namespace SessionStores.Conformance.Suites;

/// <content>Odd, large and deep payloads come back byte for byte from each way to write by each way to read.</content>
internal sealed partial class PayloadSuite
{
    [Clause("L2", "L3", "L6", "L7", "L8", "L10", "L13", "L14", "L17")]
    public Task Odd_payloads_are_kept_on_every_path() => RunAsync(() => KeptOnEveryPathAsync(
        ("the empty object", "{}"),
        ("white space", " \t\r\n{ \"a\" :\n\t1 , \"b\":[ ] }\r\n "),
        ("order", """{"z":1,"a":2,"m":{"y":1,"b":2},"B":3,"10":4,"9":5,"":6}"""),
        ("duplicates", """{"a":1,"a":2,"cookie":{"path":"/","path":"/x"},"a":1}"""),
        ("numbers", $$"""{"a":9007199254740993,"b":-0,"c":1.0,"d":1.10,"e":1e400,"f":0.1e-7,"g":1E+2,"h":{{new string('9', 400)}}}"""),
        ("escapes", """{"a":"\/\b\f\n\r\t\"\\","b":"\u0041\u00e9\uD83D\ude00","\u0061":"/"}"""),
        ("NUL escapes", """{"\u0000":"\u0000","a\u0000":"x\u0000y\u0000"}"""),
        ("half surrogate pairs", """{"\ud800abcdefgh":1,"a":"\ude00\ud83d"}"""),
        ("characters of all planes", "{\"e\u0301\u00e9\":\"\u202Eabc\u202C 👨‍👩‍👧 \uFEFF\u2028\u00A0\uFFFF\U0010FFFF\u007F\u0080\"}"),
        ("the reserved member as a value", """{"a":"__subject","b":{"__subject":"nested"},"c":["__subject"]}"""),
        ("the reserved member in another case", """{"__Subject":"a","__SUBJECT":"b","_subject":"c","__subject ":"d","subject":"e"}"""),
        ("a payload in a payload", """{"a":"{\"cookie\":{\"originalMaxAge\":1},\"__absolute\":1}"}"""),
        ("names that mean something to a server", """{"$set":{"a.b":1},"_id":2,"a.b.c":3,"__proto__":{"x":1},"sess":4,"expires":5,"subject":6,"payload":7}""")));

    [Clause("L2", "L3", "L6", "L7", "L8", "L10", "L13", "L14")]
    public Task Large_payloads_are_kept_on_every_path() => RunAsync(() => KeptOnEveryPathAsync(
        ("70 KB", $$"""{"a":"{{new string('x', 70_000)}}","end":true}"""),
        ("300 KB of wide characters", $$"""{"a":"{{new string('語', 100_000)}}","end":true}"""),
        ("a name of 70 KB", $$"""{"{{new string('n', 70_000)}}":1,"end":true}"""),
        ("10,000 members", $"{{{string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"m{i}\":{i}"))}}}")));

    [Clause("L2", "L3", "L6", "L7", "L8", "L10", "L13", "L14", "L17")]
    public Task Deep_payloads_are_kept_on_every_path() => RunAsync(() => KeptOnEveryPathAsync(
        ("65 arrays", $$"""{"a":{{new string('[', 64)}}{{new string(']', 64)}}}"""),
        ("200 objects", $"{string.Concat(Enumerable.Repeat("{\"a\":", 199))}{{}}{new string('}', 199)}"),
        ("the deepest arrays", $$"""{"a":{{new string('[', 999)}}{{new string(']', 999)}},"b":{{new string('[', 999)}}{{new string(']', 999)}}}"""),
        ("the deepest objects", $"{string.Concat(Enumerable.Repeat("{\"a\":", 999))}{{}}{new string('}', 999)}"),
        ("brackets in a string", $$"""{"a":"{{new string('[', 1200)}}","b":"{{new string('{', 1200)}}\"}"}""")));

    [Clause("L17")]
    public Task The_limit_counts_bytes_and_not_characters() => RunAsync(async () =>
    {
        var store = await Context.OpenAsync(settings: new() { MaxPayloadBytes = 2000 });
        var wide = Json($$"""{"a":"{{new string('語', 664)}}"}""");
        await KeptAsync(store, wide);

        foreach (var (name, write) in Writes(store, new SessionContent(Json($$"""{"a":"{{new string('語', 665)}}"}"""), Later)))
        {
            var refused = await Expect.ThrowsAsync<SessionPayloadTooLargeException>(write, $"{name} with 2,003 bytes in 673 characters");
            Expect.Equal(2003, refused.Size, $"the size that {name} names");
        }
    });

    [Clause("L17")]
    public Task The_limit_can_be_raised() => RunAsync(async () =>
    {
        var limit = SessionArguments.DefaultMaxPayloadBytes + 200_000;
        var store = await Context.OpenAsync(settings: new() { MaxPayloadBytes = limit });

        await KeptAsync(store, OfSize(limit));
        await Expect.ThrowsAsync<SessionPayloadTooLargeException>(() => store.SetAsync(NewId(), new SessionContent(OfSize(limit + 1), Later)).AsTask(), "set over a limit that was raised");
    });

    private async Task KeptOnEveryPathAsync(params (string Name, string Text)[] payloads)
    {
        var store = await OpenAsync();
        var contents = payloads.Select(each => (each.Name, new SessionContent(Json(each.Text), Later, "alice"))).ToList();
        var written = await WriteEachAsync(store, LifetimePaths, contents, () => Context.Now);
        var first = new Dictionary<string, SessionRecord>();
        foreach (var (path, readAsync) in await ReadPathsAsync(store, "alice"))
        {
            foreach (var (what, id, content, _, _) in written)
            {
                var record = Expect.Found(await readAsync(id), $"{what}, read by {path}");
                Expect.Bytes(content.Payload, record.Payload, $"{what}, read by {path}");
                Expect.Equal("alice", record.Subject, $"the subject of {what}, read by {path}");
                Expect.True(first.TryAdd(id, record) || first[id].Version == record.Version, $"the version of {what}, read by {path}, is that of the first read");
                Expect.True(path != "a slide" || record.ExpiresAt > content.Lifetime.End, $"a slide that is due extends the session of {what}");
            }
        }
    }
}
