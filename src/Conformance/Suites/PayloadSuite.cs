using System.Text;

namespace SessionStores.Conformance.Suites;

/// <summary>A payload comes back byte for byte, or is refused.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class PayloadSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L2", "L17")]
    public Task The_empty_object_is_kept() => RunAsync(() => KeptAsync("{}"));

    [Clause("L2")]
    public Task White_space_is_kept() => RunAsync(() => KeptAsync(" \t\r\n{ \"a\" :\n\t1 , \"b\":[ ] }\r\n "));

    [Clause("L2")]
    public Task The_order_of_members_is_kept() => RunAsync(() => KeptAsync("""{"z":1,"a":2,"m":{"y":1,"b":2},"B":3,"10":4,"9":5,"":6}"""));

    [Clause("L2")]
    public Task Duplicate_members_are_kept() => RunAsync(() => KeptAsync("""{"a":1,"a":2,"cookie":{"path":"/","path":"/x"},"a":1}"""));

    [Clause("L2")]
    public Task Unknown_members_are_kept() => RunAsync(() =>
        KeptAsync("""{"cookie":{"originalMaxAge":60000,"expires":"2031-01-01T00:00:00.000Z","partitioned":true,"priority":"high","unknown":[1]},"__absolute":4102444800000,"__unknown":{"a":null}}"""));

    [Clause("L2", "L16")]
    public Task Member_names_that_mean_something_to_a_server_are_kept() => RunAsync(() =>
        KeptAsync("""{"$set":{"a.b":1},"$where":"1","_id":2,"a.b.c":3,"":4,"__proto__":{"x":1},"session":5,"expires":6,"sess":7,"expire":8,"0":9,"a\u0000b":10,"user":{"__subject":"nested"}}"""));

    [Clause("L2")]
    public Task Numbers_are_kept_as_they_were_written() => RunAsync(() =>
        KeptAsync("""{"a":9007199254740993,"b":-0,"c":1.0,"d":1.10,"e":1e400,"f":0.1e-7,"g":-9223372036854775809,"h":123456789012345678901234567890,"i":1E+2,"j":0.30000000000000004}"""));

    [Clause("L2")]
    public Task Escapes_are_kept_as_they_were_written() => RunAsync(() =>
        KeptAsync("""{"a":"\/\b\f\n\r\t\"\\","b":"\u0041\u00e9\uD83D\ude00","c":"\u0000","d":"\ud800","e":"\udc00\ud800","f":"/"}"""));

    [Clause("L2", "L3", "L13", "L14", "L17")]
    public Task Names_and_strings_with_half_a_surrogate_pair_are_like_any_other() => RunAsync(async store =>
    {
        var json = Json("""{"\ud800abcdefgh":1,"\udc00":{"\ud83d":"\ud83d"},"cookie":{"\ud800":2,"originalMaxAge":7200000},"a":"\ude00\ud83d"}""");
        var (id, newId, other) = (NewId(), NewId(), NewId());
        var subject = Context.Offers(StoreCapabilities.Subjects) ? "alice" : null;
        await StoredAsync(store, other, Content("other", null, subject));
        var loaded = await StoredAsync(store, id, new SessionContent(json, TimeSpan.FromMinutes(20), subject));
        Expect.Bytes(json, loaded.Payload);

        var slid = Expect.Found(await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(40))));
        Expect.True(slid.ExpiresAt > loaded.ExpiresAt, "a slide that is due extends the session");
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, loaded.Version, new SessionContent(json, Later, subject))).Status, "replace");
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, loaded.Version, new SessionContent(json, Later, subject))).Status, "rotate");
        Expect.Bytes(json, Expect.Found(await store.GetAsync(newId)).Payload);
        if (store.GetCapability<ISessionEnumeration>() is { } enumeration)
            Expect.Equal(2, (await ListAsync(enumeration.AllAsync())).Count, "the number of sessions listed");

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
        {
            Expect.Equal(2, (await ListAsync(subjects.ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject");
            Expect.Equal(2L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions destroyed");
        }
        else
        {
            Expect.True(await store.DestroyAsync(newId), "destroy returns true");
        }

        Expect.Null(await store.GetAsync(newId), "the session after it was destroyed");
    });

    [Clause("L2")]
    public Task Strings_with_NUL_escapes_are_kept() => RunAsync(() => KeptAsync("""{"\u0000":"\u0000","a\u0000":"x\u0000y\u0000"}"""));

    [Clause("L2")]
    public Task Every_character_of_the_basic_plane_is_kept() => RunAsync(async store =>
    {
        for (var block = 0; block < 16; block++)
        {
            var text = new StringBuilder("""{"text":" """);
            for (var code = Math.Max(0x20, block * 0x1000); code < (block + 1) * 0x1000; code++)
            {
                if (code is '"' or '\\' || char.IsSurrogate((char)code))
                    continue;

                text.Append((char)code);
            }

            await KeptAsync(store, Json(text.Append("\"}").ToString()));
        }
    });

    [Clause("L2")]
    public Task Characters_of_the_other_planes_are_kept() => RunAsync(async store =>
    {
        var text = new StringBuilder("""{"text":" """);
        for (var code = 0x10000; code <= 0x10FFFF; code += 0x3F)
            text.Append(char.ConvertFromUtf32(code));

        await KeptAsync(store, Json(text.Append("😀\U0010FFFF\"}").ToString()));
    });

    [Clause("L2")]
    public Task Text_is_not_normalized() => RunAsync(() =>
        KeptAsync("{\"e\u0301\":\"e\u0301\",\"\u00e9\":\"\u00e9\",\"rtl\":\"\u202Eabc\u202C \u05D0\u05D1\",\"family\":\"👨‍👩‍👧\",\"nbsp\":\"\u00A0\uFEFF\u2028\u2029\"}"));

    [Clause("L2", "L17")]
    public Task Nesting_is_kept_up_to_the_limit() => RunAsync(async store =>
    {
        foreach (var depth in new[] { 65, 129, 513, SessionArguments.MaxPayloadDepth })
            await KeptAsync(store, Nested(depth));
    });

    [Clause("L17")]
    public Task Nesting_over_the_limit_is_refused() => RunAsync(() => RefusedAsync(Nested(SessionArguments.MaxPayloadDepth + 1)));

    [Clause("L2")]
    public Task Payloads_of_many_sizes_are_kept() => RunAsync(async store =>
    {
        foreach (var size in new[] { 8, 9, 63, 64, 65, 255, 256, 1023, 1024, 4096, 8191, 8192, 16_384, 65_535, 65_536, 65_537, 262_144 })
            await KeptAsync(store, OfSize(size));
    });

    [Clause("L2")]
    public Task A_payload_that_does_not_compress_is_kept() => RunAsync(async store =>
    {
        var text = Random.Text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 60_000);

        await KeptAsync(store, Json($$"""{"noise":"{{text}}"}"""));
    });

    [Clause("L17")]
    public Task A_payload_of_exactly_the_default_limit_is_kept() => RunAsync(async store =>
    {
        await KeptAsync(store, OfSize(SessionArguments.DefaultMaxPayloadBytes));
    });

    [Clause("L17")]
    public Task A_payload_over_the_limit_is_refused_with_size_and_limit() => RunAsync(async () =>
    {
        var store = await Context.OpenAsync(settings: new() { MaxPayloadBytes = 2000 });
        await KeptAsync(store, OfSize(2000));
        var content = new SessionContent(OfSize(2001), Later);

        foreach (var (name, write) in Writes(store, content))
        {
            var refused = await Expect.ThrowsAsync<SessionPayloadTooLargeException>(write, $"{name} with 2,001 bytes");
            Expect.Equal(2001, refused.Size, $"the size that {name} names");
            Expect.Equal(2000, refused.Limit, $"the limit that {name} names");
        }
    });

    [Clause("L17")]
    public Task A_refused_payload_leaves_the_session_as_it_was() => RunAsync(async () =>
    {
        var store = await Context.OpenAsync(settings: new() { MaxPayloadBytes = 2000 });
        var (id, newId) = (NewId(), NewId());
        var before = await StoredAsync(store, id, Content("one", null, "alice"));
        var refused = new SessionContent(OfSize(2001), Later.AddHours(1), "mallory");
        var broken = new SessionContent(Json("[1]"), Later.AddHours(1), "mallory");

        foreach (var content in new[] { refused, broken })
        {
            await Expect.ThrowsAsync<ArgumentException>(() => store.ReplaceAsync(id, before.Version, content).AsTask(), "replace");
            await Expect.ThrowsAsync<ArgumentException>(() => store.SetAsync(id, content).AsTask(), "set");
            await Expect.ThrowsAsync<ArgumentException>(() => store.RotateAsync(id, newId, before.Version, content).AsTask(), "rotate");
        }

        var record = await HasAsync(store, id, "one");
        Expect.Equal(before.ExpiresAt, record.ExpiresAt);
        Expect.Equal("alice", record.Subject);
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L17")]
    public Task What_is_not_a_json_object_is_refused() => RunAsync(async () =>
    {
        foreach (var text in new[]
        {
            "", " ", "[]", "[{}]", "1", "\"a\"", "null", "true", "{", "}", "{}x", "{}{}", "{} {}", "{\"a\":1,}", "{a:1}", "{'a':1}",
            "{\"a\":01}", "{\"a\":NaN}", "/*c*/{}", "{}//", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "\uFEFF{}", "{\"a\"}", "{\"a\":}",
        })
        {
            await RefusedAsync(Json(text));
        }
    });

    [Clause("L17")]
    public Task What_is_not_UTF8_is_refused() => RunAsync(async () =>
    {
        foreach (var bad in new byte[][] { [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80], [0x80] })
            await RefusedAsync(new ReadOnlyMemory<byte>([.. "{\"a\":\""u8, .. bad, .. "\"}"u8]));
    });

    [Clause("L17", "L14")]
    public Task The_reserved_member_for_the_subject_is_refused() => RunAsync(async () =>
    {
        await RefusedAsync(Json("""{"__subject":"mallory"}"""));
        await RefusedAsync(Json("""{"a":1,"__sub\u006aect":"mallory","b":2}"""));
    });

    [Clause("L17", "L14")]
    public Task An_invalid_subject_is_refused() => RunAsync(async store =>
    {
        foreach (var subject in new[] { "", new string('s', 257), "a\u0000b", "a\nb", "a\u009Fb", "a\uD800" })
        {
            foreach (var (name, write) in Writes(store, Content("one", null, subject)))
                await Expect.ThrowsAsync<ArgumentException>(write, $"{name} with an invalid subject of {subject.Length} characters");
        }
    });

    [Clause("L2")]
    public Task A_saved_payload_is_not_aliased() => RunAsync(async store =>
    {
        var (created, replaced, set, rotated, newId) = (NewId(), NewId(), NewId(), NewId(), NewId());
        var version = (await StoredAsync(store, replaced, Content("before"))).Version;
        await StoredAsync(store, rotated, Content("before"));
        var buffer = Payload().ToArray();
        var content = new SessionContent(buffer, Later);

        var first = await store.CreateAsync(created, content);
        var second = await store.ReplaceAsync(replaced, version, content);
        await store.SetAsync(set, content);
        await store.RotateAsync(rotated, newId, SessionVersion.Any, content);
        Array.Fill(buffer, (byte)'x');

        foreach (var id in new[] { created, replaced, set, newId })
            await HasAsync(store, id, "one");

        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(created, first.Version, Content("two"))).Status, "replace with the version of the create");
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(replaced, second.Version, Content("two"))).Status, "replace with the version of the replace");
    });

    [Clause("L2")]
    public Task A_record_that_was_read_does_not_change_when_the_session_does() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var read = await StoredAsync(store, id, Content("first", null, "alice"));
        var expiresAt = read.ExpiresAt;

        await store.SetAsync(id, Content("other", Round(expiresAt.AddHours(1)), "bob"));
        await store.RotateAsync(id, newId, SessionVersion.Any, Content("third"));
        await store.DestroyAsync(newId);
        for (var i = 0; i < 50; i++)
        {
            await store.CreateAsync(NewId(), Content($"fill{i}"));
            await store.GetAsync(id);
        }

        Expect.Bytes(Payload("first"), read.Payload, "the payload that was read before");
        Expect.Equal("alice", read.Subject);
        Expect.Equal(expiresAt, read.ExpiresAt);
    });

    [Clause("L2")]
    public Task A_payload_in_the_middle_of_a_buffer_is_written_without_the_rest() => RunAsync(async (store, id) =>
    {
        var payload = Payload("middle");
        byte[] buffer = [.. "{\"before\":1}"u8, .. payload.Span, .. "{\"after\":1}"u8];

        await store.CreateAsync(id, new SessionContent(buffer.AsMemory(12, payload.Length), Later));

        await HasAsync(store, id, "middle");
    });

    private async Task KeptAsync(string json) => await KeptAsync(await OpenAsync(), Json(json));

    /// <summary>Each way to write keeps the payload byte for byte.</summary>
    private async Task KeptAsync(ISessionStore store, ReadOnlyMemory<byte> payload)
    {
        var (id, newId) = (NewId(), NewId());
        var content = new SessionContent(payload, Later);

        var created = await store.CreateAsync(id, content);
        Expect.Bytes(payload, Expect.Found(await store.GetAsync(id)).Payload, "the created payload");
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, created.Version, Content())).Status, "replace with the version of the create");
        await store.SetAsync(id, content);
        var record = Expect.Found(await store.GetAsync(id));
        Expect.Bytes(payload, record.Payload, "the set payload");
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, record.Version, content)).Status, "rotate with the loaded version");
        Expect.Bytes(payload, Expect.Found(await store.GetAsync(newId)).Payload, "the rotated payload");
    }

    private async Task RefusedAsync(ReadOnlyMemory<byte> payload)
    {
        var store = await OpenAsync();
        foreach (var (name, write) in Writes(store, new SessionContent(payload, Later)))
            await Expect.ThrowsAsync<ArgumentException>(write, $"{name} with what is no valid payload");
    }

    private (string Name, Func<Task> Write)[] Writes(ISessionStore store, SessionContent content) =>
    [
        ("create", () => store.CreateAsync(NewId(), content).AsTask()),
        ("replace", () => store.ReplaceAsync(NewId(), SessionVersion.Any, content).AsTask()),
        ("set", () => store.SetAsync(NewId(), content).AsTask()),
        ("rotate", () => store.RotateAsync(NewId(), NewId(), SessionVersion.Any, content).AsTask()),
    ];

    private static ReadOnlyMemory<byte> Nested(int depth)
    {
        var arrays = depth - 1;
        return Json($"{{\"a\":{new string('[', arrays)}{new string(']', arrays)}}}");
    }

    private static ReadOnlyMemory<byte> OfSize(int size) => Json($"{{\"a\":\"{new string('x', size - 8)}\"}}");
}
