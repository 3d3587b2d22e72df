using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>When a session is saved, when its cookie is sent, and what the developer learns.</summary>
public sealed class SavingTests
{
    [Theory]
    [InlineData(false, 302)]
    [InlineData(true, 302)]
    [InlineData(false, 200)]
    [InlineData(true, 200)]
    public async Task A_redirect_or_page_is_not_seen_before_its_save(bool kestrel, int status)
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/login", (HttpSession session) =>
        {
            session.Set("email", "a@b.c");
            return status == 302 ? Results.Redirect("/admin") : Results.Text("done");
        }), kestrel: kestrel);
        using var browser = site.NewBrowser();
        var isSaving = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        site.Store.Before = async _ =>
        {
            isSaving.SetResult();
            await gate.Task;
        };

        var answer = browser.GetAsync("/login");
        await isSaving.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // The store holds the save back, and with it the first byte: another request is served completely in the meantime.
        using var other = site.NewBrowser();
        Assert.Equal(404, (await other.GetAsync("/elsewhere")).Status);
        Assert.False(answer.IsCompleted);
        gate.SetResult();
        Assert.Equal(status, (await answer).Status);
        Assert.NotNull((await answer).SetCookie);
        Assert.NotNull(await site.RecordOf(browser));
    }

    [Fact]
    public async Task The_record_is_the_one_of_express_session()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpSession session) =>
        {
            session.Set("views", 1);
            session.Set("name", "Zoë \"q\" <b>&'+/ \u2028 😀");
            session.Set("at", DateTimeOffset.UnixEpoch.AddMilliseconds(50));
            session.SetRaw("raw", "{ \"kept\" : 1e+21 }"u8);
        }), options => options.Cookie.MaxAge = TimeSpan.FromHours(1));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/");

        var payload = Encoding.UTF8.GetString((await site.RecordOf(browser))!.Payload.Span);

        Assert.Equal(
            """{"cookie":{"originalMaxAge":3600000,"expires":"2030-01-02T04:04:05.000Z","httpOnly":true,"path":"/"},"views":1,"name":"Zoë \"q\" <b>&'+/ """ +
            "\u2028" + """ 😀","at":"1970-01-01T00:00:00.050Z","raw":{ "kept" : 1e+21 }}""",
            payload);
    }

    [Fact]
    public async Task Members_that_nobody_changed_pass_through_byte_for_byte()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpSession session) => session.Set("b", 2)));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/");
        const string Foreign = """{ "2" : 1e+21, "cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","x":1}, "a" : {"n" : -0, "s":"\u00e9\ud800"} ,"b":1, "\u006bey":[ ] }""";
        await site.Store.Inner.SetAsync(browser.SessionId!, new SessionContent(Encoding.UTF8.GetBytes(Foreign), site.Clock.GetUtcNow().AddHours(1)));

        await browser.GetAsync("/");

        Assert.Equal(
            """{"2":1e+21,"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","x":1},"a":{"n" : -0, "s":"\u00e9\ud800"},"b":2,"\u006bey":[ ]}""",
            Encoding.UTF8.GetString((await site.RecordOf(browser))!.Payload.Span));
    }

    [Fact]
    public async Task A_change_after_the_first_byte_is_saved_before_the_response_ends()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpSession session) => session.Set("step", 0));
            app.MapGet("/stream", async (HttpContext context, HttpSession session) =>
            {
                await context.Response.WriteAsync("first");
                session.Set("step", 1);
                await context.Response.WriteAsync(" last");
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Forget();

        var answer = await browser.GetAsync("/stream");

        Assert.Equal("first last", answer.Body);
        Assert.Equal(["get", "replace"], site.Store.Calls);
        Assert.Contains("\"step\":1", Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_can_no_longer_get_a_cookie_is_an_error_and_no_orphan()
    {
        var failures = new List<string>();
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context, HttpSession session) =>
        {
            await context.Response.WriteAsync("first");
            failures.Add(Assert.Throws<InvalidOperationException>(() => session.Set("late", 1)).Message);
            failures.Add(Assert.Throws<InvalidOperationException>(() => session.Update<int>("late", value => value)).Message);
            failures.Add(Assert.Throws<InvalidOperationException>(() => session.SetRaw("late", "1"u8)).Message);
            failures.Add(Assert.Throws<InvalidOperationException>(() => session.Subject = "me").Message);
            failures.Add(Assert.Throws<InvalidOperationException>(() => session.Cookie.MaxAge = TimeSpan.FromDays(1)).Message);
            failures.Add((await Assert.ThrowsAsync<InvalidOperationException>(() => session.SaveAsync())).Message);
            failures.Add((await Assert.ThrowsAsync<InvalidOperationException>(() => session.RegenerateAsync())).Message);
        }));
        using var browser = site.NewBrowser();

        await browser.GetAsync("/");

        Assert.Equal(7, failures.Count);
        Assert.All(failures, message => Assert.Contains("The response has started", message, StringComparison.Ordinal));
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task Of_an_existing_session_a_new_id_or_cookie_after_the_first_byte_is_an_error_too()
    {
        var checkedLate = 0;
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpSession session) => session.Set("step", 0));
            app.MapGet("/late", async (HttpContext context, HttpSession session) =>
            {
                await context.Response.WriteAsync("first");
                Assert.Throws<InvalidOperationException>(() => session.Cookie.Path = "/late");
                await Assert.ThrowsAsync<InvalidOperationException>(() => session.RegenerateAsync(keepData: true));
                checkedLate++;
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        await browser.GetAsync("/late");

        Assert.Equal(1, checkedLate);
    }

    [Fact]
    public async Task A_change_of_the_cookie_alone_is_stored_and_sent()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpSession session) => session.Set("step", 0));
            app.MapGet("/remember", (HttpSession session) => session.Cookie.MaxAge = TimeSpan.FromDays(30));
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        var answer = await browser.GetAsync("/remember");

        Assert.EndsWith("; Path=/; Expires=Fri, 01 Feb 2030 03:04:05 GMT; HttpOnly", answer.SetCookie, StringComparison.Ordinal);
        var record = await site.RecordOf(browser);
        Assert.Equal(site.Clock.GetUtcNow() + TimeSpan.FromDays(30), record!.ExpiresAt);
        Assert.Contains("\"originalMaxAge\":2592000000,\"expires\":\"2030-02-01T03:04:05.000Z\"", Payload(record), StringComparison.Ordinal);
        Assert.Null((await browser.GetAsync("/remember")).SetCookie);
    }

    [Fact]
    public async Task A_change_that_is_undone_is_no_change()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpSession session) => session.Set("a", 1));
            app.MapGet("/undo", (HttpSession session) =>
            {
                session.Set("a", 2);
                session.Set("b", 2);
                session.Set("a", 1);
                session.Remove("b");
                session.Update<int>("a", value => value);
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Forget();

        await browser.GetAsync("/undo");

        Assert.Equal(["get"], site.Store.Calls);
    }

    [Fact]
    public async Task Saving_early_saves_once_and_sends_the_cookie()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpSession session) =>
        {
            session.Set("a", 1);
            await session.SaveAsync();
            return session.Id;
        }));
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/");

        Assert.Equal(answer.Body, browser.SessionId);
        Assert.Equal(["create"], site.Store.Calls);
    }

    [Fact]
    public async Task A_handler_that_fails_saves_nothing_unless_somebody_answers_for_it()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.Use(async (context, next) =>
            {
                try
                {
                    await next();
                }
                catch (FormatException) when (context.Request.Query.ContainsKey("handled"))
                {
                    context.Response.StatusCode = 500;
                    await context.Response.WriteAsync("sorry");
                }
            });
            app.UseSessionStores();
            app.MapGet("/", (HttpSession session) =>
            {
                session.Set("a", 1);
                throw new FormatException("handler");
            });
        }, null, kestrel: false, services: null);
        using var browser = site.NewBrowser();

        await Assert.ThrowsAsync<FormatException>(() => browser.GetAsync("/"));
        Assert.Empty(site.Store.Calls);

        var handled = await browser.GetAsync("/?handled=1");
        Assert.Equal("sorry", handled.Body);
        Assert.Equal(["create"], site.Store.Calls);
        Assert.NotNull(handled.SetCookie);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cookie_that_was_there_before_stays(bool kestrel)
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context, HttpSession session) =>
        {
            context.Response.Headers.Append("Set-Cookie", "previous=cookie");
            session.Set("a", 1);
            return "ok";
        }), kestrel: kestrel);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/");

        Assert.Equal("previous=cookie", answer.SetCookies[0]);
        Assert.StartsWith("connect.sid=s%3A", answer.SetCookies[1], StringComparison.Ordinal);
        Assert.Equal(2, answer.SetCookies.Length);
    }

    [Fact]
    public async Task A_taken_id_is_made_anew_and_an_endless_repeat_is_an_error()
    {
        var ids = new Queue<string>(["taken", "taken", "free"]);
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", (HttpSession session) => session.Set("a", 1)),
            options => options.GenerateId = _ => ids.Count > 0 ? ids.Dequeue() : "taken");
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();
        await first.GetAsync("/");

        await second.GetAsync("/");

        Assert.Equal("taken", first.SessionId);
        Assert.Equal("free", second.SessionId);
        using var third = site.NewBrowser();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => third.GetAsync("/"));
        Assert.Contains("GenerateId", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_over_the_limit_fails_the_request_and_leaves_the_record()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/{size:int}", (int size, HttpSession session) => session.Set("a", new string('x', size))));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/10");

        await Assert.ThrowsAsync<SessionPayloadTooLargeException>(() => browser.GetAsync($"/{SessionArguments.DefaultMaxPayloadBytes.ToString(CultureInfo.InvariantCulture)}"));

        Assert.Contains("\"a\":\"xxxxxxxxxx\"", Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    internal static string Payload(SessionRecord? record) => record is null ? "" : Encoding.UTF8.GetString(record.Payload.Span);
}
