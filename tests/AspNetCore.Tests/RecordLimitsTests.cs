using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What a stored record says is bounded by the options: another writer may have stored anything.</summary>
public sealed class RecordLimitsTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_session_past_its_absolute_limit_is_removed_whoever_asks_for_it()
    {
        await using var site = await StartAsync(null, withSubjects: true);
        var past = site.Clock.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds();
        foreach (var id in new[] { "load", "list" })
            await PlantAsync(site, id, $$$"""{"cookie":{},"__absolute":{{{past}}}}""");

        await PlantAsync(site, "live", """{"cookie":{}}""");

        Assert.Null(await site.Sessions.LoadAsync("load"));
        var listed = new List<string>();
        await foreach (var session in site.Sessions.ListBySubjectAsync("me"))
            listed.Add(session.Id);

        Assert.Equal(["live"], listed);
        Assert.Null(await site.Store.Inner.GetAsync("load"));
        Assert.Null(await site.Store.Inner.GetAsync("list"));
    }

    [Fact]
    public async Task A_session_that_was_given_a_limit_in_the_past_is_over_for_a_reload_and_for_a_merge()
    {
        await using var site = await StartAsync();
        await PlantAsync(site, "reload", """{"cookie":{}}""");
        await PlantAsync(site, "merge", """{"cookie":{}}""");
        var reloading = (await site.Sessions.LoadAsync("reload"))!;
        var merging = (await site.Sessions.LoadAsync("merge"))!;
        merging.Set("a", 1);
        var past = site.Clock.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds();
        await PlantAsync(site, "reload", $$$"""{"cookie":{},"__absolute":{{{past}}}}""");
        await PlantAsync(site, "merge", $$$"""{"cookie":{},"__absolute":{{{past}}}}""");

        await Assert.ThrowsAsync<SessionDestroyedException>(() => reloading.ReloadAsync());
        await Assert.ThrowsAsync<SessionDestroyedException>(() => merging.SaveAsync());

        Assert.Null(await site.Store.Inner.GetAsync("reload"));
        Assert.Null(await site.Store.Inner.GetAsync("merge"));
    }

    [Theory]
    [InlineData("""{"cookie":{}}""")]
    [InlineData("""{"cookie":{},"__absolute":null}""")]
    [InlineData("""{"cookie":{},"__absolute":"never"}""")]
    [InlineData("""{"cookie":{},"__absolute":1e308}""")]
    [InlineData("""{"cookie":{"originalMaxAge":1e308},"__absolute":253402300799998}""")]
    public async Task A_record_without_an_absolute_limit_or_with_a_later_one_gets_that_of_the_options(string payload)
    {
        await using var site = await StartAsync(options => (options.IdleTimeout, options.AbsoluteTimeout) = (Hour, 3 * Hour));
        using var browser = await BeginAsync(site);
        await PlantAsync(site, browser.SessionId!, payload);
        var end = site.Clock.GetUtcNow() + (3 * Hour);

        for (var step = 0; step < 6; step++)
        {
            Assert.Equal("Loaded", (await browser.GetAsync("/result")).Body);
            site.Clock.Advance(TimeSpan.FromMinutes(29));
        }

        Assert.Contains($"\"__absolute\":{end.ToUnixTimeMilliseconds()}", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
        site.Clock.Advance(TimeSpan.FromMinutes(7));
        Assert.Equal("NotFound", (await browser.GetAsync("/result")).Body);
    }

    [Fact]
    public async Task An_earlier_limit_of_a_record_holds_and_an_assigned_one_is_not_later_than_the_option()
    {
        await using var site = await StartAsync(options => options.AbsoluteTimeout = 3 * Hour);
        var early = site.Clock.GetUtcNow() + Hour;
        await PlantAsync(site, "id", $$$"""{"cookie":{},"__absolute":{{{early.ToUnixTimeMilliseconds()}}}}""");
        var session = (await site.Sessions.LoadAsync("id"))!;

        Assert.Equal(early, session.AbsoluteExpiresAt);
        session.AbsoluteExpiresAt = null;
        Assert.Equal(site.Clock.GetUtcNow() + (3 * Hour), session.AbsoluteExpiresAt);
        session.AbsoluteExpiresAt = site.Clock.GetUtcNow() + (9 * Hour);
        Assert.Equal(site.Clock.GetUtcNow() + (3 * Hour), session.AbsoluteExpiresAt);
    }

    [Theory]
    [InlineData("1e308")]
    [InlineData("1e999")]
    [InlineData("315360000000")]
    public async Task An_idle_time_of_a_record_is_bounded_by_what_browsers_keep_a_cookie(string idle)
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site);
        await PlantAsync(site, browser.SessionId!, $$$"""{"cookie":{"originalMaxAge":{{{idle}}}}}""");

        Assert.Equal(200, (await browser.GetAsync("/change")).Status);

        Assert.Equal(site.Clock.GetUtcNow().AddDays(400), (await site.RecordOf(browser))!.ExpiresAt);
    }

    [Theory]
    [InlineData(""" "path":"/" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/other" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app/deep" """, "; Path=/app/deep; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/application" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app;\r\nSet-Cookie: x" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app/, evil=1" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app/ " """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app/\"" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app\ud800" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","domain":"evil.example" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","domain":"localhost" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","httpOnly":false """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","sameSite":"none" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","sameSite":"STRICT" """, "; Path=/app; HttpOnly; SameSite=Strict")]
    [InlineData(""" "path":"/app","sameSite":"1" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","sameSite":" strict" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","sameSite":"lax,strict" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","priority":"High" """, "; Path=/app; HttpOnly; Priority=High; SameSite=Lax")]
    [InlineData(""" "path":"/app","priority":"3" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    [InlineData(""" "path":"/app","priority":"low, high" """, "; Path=/app; HttpOnly; SameSite=Lax")]
    public async Task A_cookie_of_a_record_is_sent_as_far_as_the_options_allow(string members, string expected)
    {
        await using var site = await StartAsync(options =>
        {
            options.Rolling = true;
            options.Cookie.Path = "/app";
            options.Cookie.SameSite = SessionSameSite.Lax;
        });
        using var browser = await BeginAsync(site, "/app/begin");
        var payload = $$"""{"cookie":{{{members.Trim()}}},"a":1}""";
        await PlantAsync(site, browser.SessionId!, payload);

        var answer = await browser.GetAsync("/app/change");

        Assert.EndsWith(expected, answer.SetCookie, StringComparison.Ordinal);
        Assert.Equal(expected.Count(character => character == ';'), answer.SetCookie!.Count(character => character == ';'));

        // A peer with other options finds its values as they were.
        Assert.Contains(members.Trim().Split(',')[^1], SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData(".shop.example.com", ".shop.example.com")]
    [InlineData("badexample.com", "example.com")]
    [InlineData("com", "example.com")]
    public async Task A_domain_of_a_record_can_only_be_narrower(string stored, string expected)
    {
        await using var site = await StartAsync(options =>
        {
            options.Rolling = true;
            options.Cookie.Domain = "example.com";
        });
        using var browser = await BeginAsync(site);
        await PlantAsync(site, browser.SessionId!, $$$"""{"cookie":{"path":"/","domain":"{{{stored}}}"}}""");

        Assert.Contains($"; Domain={expected};", (await browser.GetAsync("/change")).SetCookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_is_Secure_where_the_options_say_so_whatever_the_record_says()
    {
        await using var site = await StartAsync(options =>
        {
            options.Rolling = true;
            options.Proxy = true;
            options.Cookie.Secure = SessionCookieSecurity.Always;
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin", ("X-Forwarded-Proto", "https"));
        await PlantAsync(site, browser.SessionId!, """{"cookie":{"path":"/","secure":false}}""");

        Assert.Contains("; Secure", (await browser.GetAsync("/change", ("X-Forwarded-Proto", "https"))).SetCookie, StringComparison.Ordinal);
        Assert.Null((await browser.GetAsync("/change")).SetCookie);
    }

    [Theory]
    [InlineData("path", "/")]
    [InlineData("domain", "a.")]
    [InlineData("sameSite", "x")]
    [InlineData("priority", "x")]
    [InlineData("expires", "2030-01-01T00:00:00.000Z")]
    [InlineData("unknown", "x")]
    public async Task A_large_attribute_of_a_record_makes_no_large_header(string attribute, string start)
    {
        await using var site = await StartAsync(options => options.Rolling = true);
        using var browser = await BeginAsync(site);
        var text = start + string.Concat(Enumerable.Repeat(attribute == "domain" ? "a." : "a", 20_000 / (attribute == "domain" ? 2 : 1))) + "a";
        await PlantAsync(site, browser.SessionId!, $$$"""{"cookie":{"originalMaxAge":60000,"path":"/","{{{attribute}}}":"{{{text}}}"}}""");

        var answer = await browser.GetAsync("/change");

        Assert.Equal(200, answer.Status);
        Assert.InRange(answer.SetCookie!.Length, 1, 300);
        Assert.Contains("; Path=/;", answer.SetCookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_with_one_member_many_times_is_written_with_it_once_where_it_is_written_anew()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site);
        var cookies = string.Concat(Enumerable.Repeat("\"cookie\":0,", 8000));
        var counts = string.Concat(Enumerable.Repeat("\"a\":0,", 8000));
        await PlantAsync(site, browser.SessionId!, $$$"""{{{{cookies}}}{{{counts}}}"cookie":{"x":"{{{new string('x', 50_000)}}}","path":"/"}}""");

        Assert.Equal(200, (await browser.GetAsync("/change")).Status);

        var payload = SavingTests.Payload(await site.RecordOf(browser));
        Assert.InRange(payload.Length, 50_000, 51_000);
        Assert.Contains("\"a\":1", payload, StringComparison.Ordinal);
    }

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null, bool withSubjects = false) => Site.StartAsync(
        app =>
        {
            app.MapGet("/begin", (HttpSession session) => session.Set("begun", true));
            app.MapGet("/app/begin", (HttpSession session) => session.Set("begun", true));
            app.MapGet("/change", (HttpSession session) => session.Update<int>("a", value => value + 1));
            app.MapGet("/app/change", (HttpSession session) => session.Update<int>("b", value => value + 1));
            app.MapGet("/result", (Microsoft.AspNetCore.Http.HttpContext context) => context.GetSessionLoadResult().ToString());
        },
        configure,
        services =>
        {
            if (!withSubjects)
                return;

            var recording = services.Last(service => service.ServiceType == typeof(ISessionStore) && !service.IsKeyedService).ImplementationFactory!;
            services.Replace(ServiceDescriptor.Singleton(provider => ((RecordingStore)recording(provider)).Inner));
        });

    private static async Task<Browser> BeginAsync(Site site, string path = "/begin")
    {
        var browser = site.NewBrowser();
        await browser.GetAsync(path);
        return browser;
    }

    private static async Task PlantAsync(Site site, string id, string payload) =>
        await site.Store.Inner.SetAsync(id, new SessionContent(Encoding.UTF8.GetBytes(payload), 24 * Hour, "me"));
}
