using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace SessionStores.Dashboard.Tests;

/// <summary>Who sees what, and what ends a session.</summary>
public sealed partial class AccessTests
{
    private const string Id = "secret-id-of-ann-1";

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("customer", HttpStatusCode.Forbidden)]
    public async Task A_visitor_without_the_policy_gets_nothing_and_ends_nothing_also_with_a_handle(string? role, HttpStatusCode expected)
    {
        await using var site = await OperatorSite.StartAsync();
        await site.CreateAsync("ann", Id);
        using var client = site.Client(role);

        foreach (var path in new[] { "/sessions", "/sessions?count", "/sessions/subject?subject=ann", $"/sessions/session?subject=ann&handle={Handle}", "/sessions/end-all?subject=ann", "/sessions/dashboard.css" })
        {
            var response = await client.GetAsync(path);
            Assert.Equal((expected, ""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        }

        foreach (var path in new[] { "/sessions/end", "/sessions/end-all" })
            Assert.Equal(expected, (await client.PostAsync(path, Form(("subject", "ann"), ("handle", Handle)))).StatusCode);

        Assert.NotNull(await site.Store.GetAsync(Id));
    }

    [Fact]
    public async Task A_forged_form_of_an_operator_is_refused()
    {
        await using var site = await OperatorSite.StartAsync();
        await site.CreateAsync("ann", Id);
        using var client = site.Client("operator");
        using var other = site.Client("auditor");
        var stolen = TokenOf(await other.GetStringAsync("/sessions/subject?subject=ann"));
        await client.GetAsync("/sessions");

        foreach (var (path, token) in new[] { ("/sessions/end", null), ("/sessions/end", "forged"), ("/sessions/end", stolen), ("/sessions/end-all", null), ("/sessions/end-all", stolen) })
        {
            var response = await client.PostAsync(path, Form(("subject", "ann"), ("handle", Handle), ("__RequestVerificationToken", token ?? "")));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains("Nothing was changed", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("/sessions/end", new StringContent("{}", Encoding.UTF8, "application/json"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.GetAsync($"/sessions/end?subject=ann&handle={Handle}")).StatusCode);
        Assert.NotNull(await site.Store.GetAsync(Id));
    }

    [Fact]
    public async Task A_form_of_the_dashboard_ends_a_session_and_says_who_did_it()
    {
        await using var site = await OperatorSite.StartAsync();
        await site.CreateAsync("ann", Id, "ann-2", "ann-3");
        using var client = site.Client("operator");
        var token = ("__RequestVerificationToken", TokenOf(await client.GetStringAsync("/sessions/subject?subject=ann")));

        var missing = await client.PostAsync("/sessions/end", Form(token, ("subject", "ann")));
        var ended = await client.PostAsync("/sessions/end", Form(token, ("subject", "ann"), ("handle", Handle)));
        var gone = await client.PostAsync("/sessions/end", Form(token, ("subject", "ann"), ("handle", Handle)));
        var all = await client.PostAsync("/sessions/end-all", Form(token, ("subject", "ann")));

        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
        Assert.Equal(
            ["/sessions/subject?subject=ann&done=ended", "/sessions/subject?subject=ann&done=gone", "/sessions/subject?subject=ann&done=all-ended"],
            new[] { ended, gone, all }.Select(response => response.Headers.Location?.OriginalString));
        Assert.All([ended, gone, all], response => Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode));
        Assert.Equal([$"the operator ended the session {Handle} of 'ann' in the dashboard.", "the operator ended all 2 sessions of 'ann' in the dashboard."], site.Logger.Messages);
        Assert.Null(await site.Store.GetAsync(Id));
    }

    [Fact]
    public async Task A_read_only_dashboard_has_no_form_that_ends_sessions()
    {
        await using var site = await OperatorSite.StartAsync(options => options.IsReadOnly = true);
        await site.CreateAsync("ann", Id);
        using var client = site.Client("operator");

        var pages = new[] { await client.GetStringAsync("/sessions/subject?subject=ann"), await client.GetStringAsync($"/sessions/session?subject=ann&handle={Handle}") };

        Assert.All(pages, page => Assert.Contains(Handle, page, StringComparison.Ordinal));
        Assert.All(pages, page => Assert.DoesNotContain("method=\"post\"", page, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsync("/sessions/end", Form(("subject", "ann"), ("handle", Handle)))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsync("/sessions/end-all", Form(("subject", "ann")))).StatusCode);
        Assert.NotNull(await site.Store.GetAsync(Id));
    }

    [Fact]
    public async Task Values_are_shown_only_to_those_who_may_see_them_and_that_is_logged()
    {
        await using var site = await OperatorSite.StartAsync(options => options.ValuesPolicy = "values");
        await using var closed = await OperatorSite.StartAsync();
        foreach (var each in new[] { site, closed })
            await each.CreateAsync("ann", Id);
        using var operators = site.Client("operator");
        using var auditors = site.Client("auditor");
        using var auditorsWithoutPolicy = closed.Client("auditor");
        var url = $"/sessions/session?subject=ann&handle={Handle}";

        var (hidden, shown, never) = (await operators.GetStringAsync(url), await auditors.GetStringAsync(url), await auditorsWithoutPolicy.GetStringAsync(url));

        Assert.All([hidden, never], page => Assert.Contains("card", page, StringComparison.Ordinal));
        Assert.All([hidden, never], page => Assert.DoesNotContain("4711", page, StringComparison.Ordinal));
        Assert.Contains("4711", shown, StringComparison.Ordinal);
        Assert.Equal([$"the auditor saw the values of the session {Handle} of 'ann' in the dashboard."], site.Logger.Messages);
        Assert.Empty(closed.Logger.Messages);
    }

    [Fact]
    public async Task No_page_has_the_id_of_a_session()
    {
        await using var site = await OperatorSite.StartAsync(options => (options.ValuesPolicy, options.PageSize) = ("values", 1));
        await site.CreateAsync("ann", Id, Id + "a");
        using var client = site.Client("auditor");

        foreach (var path in new[] { "/sessions?count", "/sessions/subject?subject=ann", $"/sessions/session?subject=ann&handle={Handle}", "/sessions/end-all?subject=ann" })
        {
            var response = await client.GetAsync(path);
            var text = await response.Content.ReadAsStringAsync() + response.Headers;
            Assert.DoesNotContain(Id, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Id))[..20], text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Text_of_an_attacker_stays_text_and_a_page_allows_nothing_and_is_not_stored()
    {
        await using var site = await OperatorSite.StartAsync();
        const string subject = "<script>alert(1)</script>\"'&";
        await site.CreateAsync(subject, Id);
        using var client = site.Client("operator");

        var response = await client.GetAsync($"/sessions/subject?subject={Uri.EscapeDataString(subject)}");
        var page = await response.Content.ReadAsStringAsync();

        Assert.Contains(Handle, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Of_a_hundred_thousand_sessions_of_a_user_a_page_has_fifty_and_any_one_is_found()
    {
        const int count = 100_000;
        await using var site = await OperatorSite.StartAsync();
        await site.CreateAsync("robot", Enumerable.Range(0, count).Select(index => index.ToString("d10", CultureInfo.InvariantCulture)));
        using var client = site.Client("operator");

        var first = await client.GetStringAsync("/sessions/subject?subject=robot");
        var second = await client.GetStringAsync(WebUtility.HtmlDecode(NextPage().Match(first).Groups["url"].Value));
        var last = await client.GetAsync($"/sessions/session?subject=robot&handle={HandleOf((count - 1).ToString("d10", CultureInfo.InvariantCulture))}");

        Assert.Contains("100,000 sessions are live.", first, StringComparison.Ordinal);
        var (handles, more) = (HandlesOf(first), HandlesOf(second));
        Assert.Equal((50, 50, 100), (handles.Count, more.Count, handles.Union(more).Count()));
        Assert.InRange(first.Length, 1, 200_000);
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
    }

    [Theory]
    [InlineData("/sessions/subject", "/sessions")]
    [InlineData("/sessions/subject?subject=%20", "/sessions")]
    [InlineData("/sessions/session?subject=ann", "/sessions")]
    [InlineData("/sessions/end-all?subject=", "/sessions")]
    public async Task A_link_that_names_nothing_leads_back(string link, string expected)
    {
        await using var site = await OperatorSite.StartAsync();
        using var client = site.Client("operator");

        var response = await client.GetAsync(link);

        Assert.Equal((HttpStatusCode.Redirect, expected), (response.StatusCode, response.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task A_link_to_a_page_that_was_changed_shows_the_first_page()
    {
        await using var site = await OperatorSite.StartAsync();
        await site.CreateAsync("ann", "ann-1");
        using var client = site.Client("operator");

        var page = await client.GetStringAsync("/sessions/subject?subject=ann&after=changed");

        Assert.Contains("End", page, StringComparison.Ordinal);
        Assert.Contains("1 session", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_is_gone_and_a_store_that_fails_have_pages_of_their_own()
    {
        await using var site = await OperatorSite.StartAsync();
        await using var failing = await OperatorSite.StartAsync(provider: "Redis", connection: "127.0.0.1:1");
        using var client = site.Client("operator");
        using var clientOfFailing = failing.Client("operator");

        var missing = await client.GetAsync($"/sessions/session?subject=ann&handle={Handle}");
        var failed = await clientOfFailing.GetAsync("/sessions");

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("No such session", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        Assert.Contains("RedisStore.Get: ", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string Handle => HandleOf(Id);

    private static string HandleOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));

    private static string TokenOf(string page) => Token().Match(page).Groups["token"].Value;

    private static List<string> HandlesOf(string page) => [.. HandleInLink().Matches(page).Select(match => match.Groups["handle"].Value)];

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("rel=\"next\" href=\"(?<url>[^\"]+)\"")]
    private static partial Regex NextPage();

    [GeneratedRegex("handle=(?<handle>[0-9a-f]{32})\"")]
    private static partial Regex HandleInLink();
}
