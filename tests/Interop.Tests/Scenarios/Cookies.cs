using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>The cookie: what both accept, what both refuse, and what both send.</summary>
public sealed class Cookies(StagesFixture stages) : ScenarioTest(stages)
{
    [Theory, EachServer]
    public async Task A_tampered_cookie_is_refused_by_both(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("secret", 1));
        var (id, signature) = (browser.Id, Signed.Signature(browser.Id));
        var flipped = (signature[0] == 'A' ? 'B' : 'A') + signature[1..];
        string[] tampered =
        [
            $"s:{id}.{flipped}", $"s:{id}.", $"s:{id}", $"{id}", $"{id}.{signature}", $"s:{id}x.{signature}", $"s:{id}.{signature}=", $"s:{id}.{signature}%",
            $"s:{id}.{signature[..^1]}", $"s:{id}.{signature.ToUpperInvariant()}", $"j:{id}.{signature}", $"s:.{Signed.Signature("")}", "",
            $"s:{id}.{Signed.Signature(id, "another secret")}",
        ];

        foreach (var value in tampered)
        {
            foreach (var site in new[] { first, second })
            {
                var thief = new Browser(cookie: value);
                Check.Json("[]", await thief.AskAsync(site, Steps.Keys()), $"the members that {site.Runtime} shows for {value}");
            }
        }

        Check.Json("1", await browser.AskAsync(second, Steps.Get("secret")), "the session is unharmed");
    }

    [Theory, EachServer]
    public async Task Values_that_clients_spell_differently_are_accepted_by_both(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var plain = $"s:{browser.Id}.{Signed.Signature(browser.Id)}";
        string[] spellings =
        [
            plain, Uri.EscapeDataString(plain), $"\"{Uri.EscapeDataString(plain)}\"", string.Concat(plain.Select(character => $"%{(int)character:x2}")),
            $"{plain}; connect.sid=second", $"{plain}; other=1", $" {plain} ",
        ];

        foreach (var spelling in spellings)
        {
            foreach (var site in new[] { first, second })
                Check.Json("1", await new Browser(cookie: spelling).AskAsync(site, Steps.Get("a")), $"the member that {site.Runtime} shows for {spelling}");
        }
    }

    [Theory, EachServer]
    public async Task Of_two_cookies_the_first_counts_and_after_one_that_is_not_valid_the_next_one_here(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var (one, two) = (new Browser(), new Browser());
        await one.RunAsync(first, Steps.Set("who", "one"));
        await two.RunAsync(second, Steps.Set("who", "two"));

        foreach (var site in new[] { first, second })
        {
            Check.Json("\"one\"", await new Browser(cookie: $"{one.Cookie}; connect.sid={two.Cookie}").AskAsync(site, Steps.Get("who")), $"who counts on {site.Runtime}");
            Check.Json(site.Runtime == Runtime.Node ? "null" : "\"two\"", await new Browser(cookie: $"bad; connect.sid={two.Cookie}").AskAsync(site, Steps.Get("who")), $"who counts after a bad one on {site.Runtime}");
        }
    }

    [Theory, EachServer]
    public async Task The_same_options_give_the_same_attributes(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        SiteOptions[] variants =
        [
            new(), new() { MaxAge = 3_600_000 }, new() { SameSite = "lax", HttpOnly = false }, new() { SameSite = "strict", Priority = "high", Domain = "example.com" },
            new() { Secure = "true", SameSite = "none", Partitioned = true, TrustsProxy = true, MaxAge = 60_000, Priority = "low" },
            new() { Secure = "auto", SameSite = "auto", TrustsProxy = true, Priority = "medium" }, new() { Name = "__Host-sid", Secure = "true", TrustsProxy = true },
            new() { Path = "/steps" },
        ];
        foreach (var options in variants)
        {
            var (first, second) = await stage.OpenBothAsync(options);
            foreach (var overHttps in options.TrustsProxy ? new[] { true, options.Secure != "auto" } : [false])
            {
                var (here, there) = (await NewSessionAsync(first, options, overHttps), await NewSessionAsync(second, options, overHttps));
                Check.That(here.Attributes is not null, $"a cookie is sent for {options}");
                Check.Equal(here.Attributes, there.Attributes, $"the attributes for {options}");
            }
        }
    }

    [Theory, EachServer]
    public async Task A_secure_cookie_is_sent_over_plain_HTTP_by_neither(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var options = new SiteOptions { Secure = "true", TrustsProxy = true };
        var (first, second) = await stage.OpenBothAsync(options);

        Check.Equal(null, (await NewSessionAsync(first, options, overHttps: false)).SetCookie, "the cookie of one side");
        Check.Equal(null, (await NewSessionAsync(second, options, overHttps: false)).SetCookie, "the cookie of the other");
    }

    [Theory, EachServer]
    public async Task Attributes_that_one_side_stored_are_sent_by_the_other(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var here = await stage.OpenAsync(stage.First, new SiteOptions { MaxAge = 3_600_000, SameSite = "strict", Domain = "example.com", Priority = "high" });
        var there = await stage.OpenAsync(stage.Second, new SiteOptions { Rolling = true, Domain = "example.com" });
        var browser = new Browser();
        var made = await browser.RunAsync(here, Steps.Set("a", 1));

        var answer = await browser.RunAsync(there, Steps.Get("a"));

        Check.Equal(made.Attributes, answer.Attributes, "the attributes");
    }

    [Theory, EachServer]
    public async Task The_date_of_the_cookie_is_the_same(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins, new SiteOptions { MaxAge = 86_400_000 });
        foreach (var site in new[] { first, second })
        {
            var before = DateTimeOffset.UtcNow.AddSeconds(-1);
            var answer = await new Browser().RunAsync(site, Steps.Set("a", 1));
            var text = answer.SetCookie!.Split("; ").Single(part => part.StartsWith("Expires=", StringComparison.Ordinal))["Expires=".Length..];
            var date = DateTimeOffset.ParseExact(text, "r", System.Globalization.CultureInfo.InvariantCulture);
            Check.Between(TimeSpan.FromDays(1), TimeSpan.FromDays(1) + TimeSpan.FromSeconds(10), date - before, $"the life of the cookie of {site.Runtime}");
        }
    }

    [Theory, EachServer]
    public async Task A_cookie_of_another_name_is_shared_too(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins, new SiteOptions { Name = "shop.session" });
        var browser = new Browser("shop.session");
        await browser.RunAsync(first, Steps.Set("a", 1));

        Check.Json("1", await browser.AskAsync(second, Steps.Get("a")), "a");
    }

    [Theory, EachServer]
    public async Task Nothing_is_stored_for_a_visitor_who_leaves_nothing(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        foreach (var site in new[] { first, second })
        {
            var browser = new Browser();
            var answer = await browser.RunAsync(site, Steps.Keys());
            Check.Equal(null, answer.SetCookie, $"the cookie of {site.Runtime}");
        }
    }

    [Theory, EachServer]
    public async Task With_saveUninitialized_an_empty_session_of_here_is_used_there(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins, new SiteOptions { SaveUninitialized = true });
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Keys());
        var id = browser.Id;

        await browser.RunAsync(second, Steps.Set("a", 1));

        Check.Equal(id, browser.Id, "the id");
        Check.Json("1", await browser.AskAsync(first, Steps.Get("a")), "a");
    }

    private static Task<Answer> NewSessionAsync(Site site, SiteOptions options, bool overHttps) =>
        new Browser(options.Name).SendAsync(site, HttpMethod.Post, "/steps", Browser.Json([Steps.Set("a", 1)]), overHttps);
}
