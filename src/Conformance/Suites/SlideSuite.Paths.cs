namespace SessionStores.Conformance.Suites;

/// <content>The limits of a record count wherever in its payload they are.</content>
internal sealed partial class SlideSuite
{
    [Clause("L3", "L17")]
    public Task Limits_after_much_or_deep_content_count() => RunAsync(async store =>
    {
        foreach (var (name, before) in new[]
        {
            ("70 KB", $"\"a\":\"{new string('x', 70_000)}\""),
            ("300 KB", $"\"a\":\"{new string('x', 300_000)}\""),
            ("999 levels", $"\"a\":{new string('[', 998)}{new string(']', 998)}"),
            ("100 levels", $"\"a\":{string.Concat(Enumerable.Repeat("{\"__absolute\":", 99))}1{new string('}', 99)}"),
            ("half a surrogate pair", "\"\\ud800abc\":\"\\udc00\""),
            ("5,000 members", string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"m{i}\":{i}"))),
        })
        {
            var (absolute, idle) = (NewId(), NewId());
            var limit = In(TimeSpan.FromMinutes(25));
            await store.CreateAsync(absolute, new SessionContent(Json($$"""{{{before}},"cookie":{"path":"/"},"__absolute":{{limit.ToUnixTimeMilliseconds()}}}"""), In(TimeSpan.FromMinutes(10))));
            await store.CreateAsync(idle, new SessionContent(Json($$$"""{{{{before}}},"cookie":{"path":"/","originalMaxAge":1200000}}"""), In(TimeSpan.FromMinutes(10))));
            var slide = new SlidingExpiry(Always, Later);

            Expect.Equal(limit, Expect.Found(await store.GetAsync(absolute, slide)).ExpiresAt, $"the expiry after a slide up to an absolute limit after {name}");
            var from = Context.Now;
            ExpectLife(Expect.Found(await store.GetAsync(idle, slide)), TimeSpan.FromMinutes(20), from, $"a slide up to an idle time after {name}");
        }
    });
}
