using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Sessions outside of requests, and several sets of sessions in one application.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task A_session_is_loaded_changed_and_saved_by_its_id()
    {
        await using var site = await StartAsync();
        using var browser = await LogInAsync(site, "me");

        var session = await site.Sessions.LoadAsync(browser.SessionId!);
        session!.Update<int>("mails", count => count + 3);
        await session.SaveAsync();

        Assert.Equal("3", (await browser.GetAsync("/mails")).Body);
        Assert.False(session.IsNew);
        Assert.Null(await site.Sessions.LoadAsync("unknown"));
    }

    [Fact]
    public async Task Two_loads_of_one_session_merge_their_changes()
    {
        await using var site = await StartAsync();
        using var browser = await LogInAsync(site, "me");
        var first = await site.Sessions.LoadAsync(browser.SessionId!);
        var second = await site.Sessions.LoadAsync(browser.SessionId!);
        first!.Update<int>("mails", count => count + 1);
        second!.Update<int>("mails", count => count + 1);

        await first.SaveAsync();
        await second.SaveAsync();

        Assert.Equal("2", (await browser.GetAsync("/mails")).Body);
    }

    [Fact]
    public async Task Saving_what_was_destroyed_meanwhile_is_a_typed_exception()
    {
        await using var site = await StartAsync();
        using var browser = await LogInAsync(site, "me");
        var session = await site.Sessions.LoadAsync(browser.SessionId!);
        session!.Set("mails", 1);

        Assert.True(await site.Sessions.DestroyAsync(browser.SessionId!));

        await Assert.ThrowsAsync<SessionDestroyedException>(() => session.SaveAsync());
        Assert.True(session.IsDestroyed);
        Assert.False(await site.Sessions.DestroyAsync(browser.SessionId!));
    }

    [Fact]
    public async Task A_save_without_a_change_extends_the_session()
    {
        await using var site = await StartAsync();
        using var browser = await LogInAsync(site, "me");
        site.Clock.Advance(TimeSpan.FromHours(1));
        site.Store.Forget();

        var session = await site.Sessions.LoadAsync(browser.SessionId!);
        await session!.SaveAsync();

        Assert.Equal(["get", "touch"], site.Store.Calls);
        Assert.Equal(site.Clock.GetUtcNow().AddDays(1), session.ExpiresAt);
    }

    [Fact]
    public async Task The_id_is_read_from_a_Cookie_header()
    {
        await using var site = await StartAsync();
        using var browser = await LogInAsync(site, "me");

        Assert.Equal(browser.SessionId, site.Sessions.ReadId(browser.Cookie));
        Assert.Null(site.Sessions.ReadId("connect.sid=s:forged.signature"));
        Assert.Null(site.Sessions.ReadId(null));
    }

    [Fact]
    public async Task Sessions_of_a_user_are_listed_and_ended_everywhere_else()
    {
        await using var site = await Site.StartAsync(Map, null, services => services.Replace());
        using var phone = await LogInAsync(site, "me");
        using var laptop = await LogInAsync(site, "me");
        using var other = await LogInAsync(site, "you");

        var mine = new List<string>();
        await foreach (var session in site.Sessions.ListBySubjectAsync("me"))
            mine.Add(session.Id);

        Assert.Equal(new[] { phone.SessionId, laptop.SessionId }.Order(), mine.Order());
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("me", [phone.SessionId!]));
        Assert.Equal("me", (await phone.GetAsync("/who")).Body);
        Assert.Equal("", (await laptop.GetAsync("/who")).Body);
        Assert.Equal("you", (await other.GetAsync("/who")).Body);
    }

    [Fact]
    public async Task All_sessions_of_a_user_end_at_once_and_a_later_one_lives()
    {
        await using var site = await Site.StartAsync(Map, null, services => services.Replace());
        using var phone = await LogInAsync(site, "me");
        using var laptop = await LogInAsync(site, "me");
        using var other = await LogInAsync(site, "you");

        await site.Sessions.VoidBySubjectAsync("me");

        Assert.Equal("", (await phone.GetAsync("/who")).Body);
        Assert.Equal("", (await laptop.GetAsync("/who")).Body);
        Assert.Equal("you", (await other.GetAsync("/who")).Body);
        using var again = await LogInAsync(site, "me");
        Assert.Equal("me", (await again.GetAsync("/who")).Body);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_sessions_of_a_user_end_with_epochs_and_without(bool hasEpochs)
    {
        await using var site = await StartAsync();
        site.Store.ForwardsCapabilities = true;
        site.Store.HidesEpochs = !hasEpochs;
        using var phone = await LogInAsync(site, "me");

        await site.Sessions.VoidBySubjectAsync("me");

        Assert.Equal("", (await phone.GetAsync("/who")).Body);
        Assert.Equal(0, await site.Sessions.CountBySubjectAsync("me"));
    }

    [Fact]
    public async Task A_store_without_subjects_says_so()
    {
        await using var site = await StartAsync();

        var failure = await Assert.ThrowsAsync<NotSupportedException>(() => site.Sessions.DestroyBySubjectAsync("me"));

        Assert.Contains("ISessionSubjects", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decorator_that_forwards_capabilities_keeps_subjects()
    {
        await using var site = await StartAsync();
        site.Store.ForwardsCapabilities = true;
        using var phone = await LogInAsync(site, "me");

        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("me"));
        Assert.Equal("", (await phone.GetAsync("/who")).Body);
    }

    [Fact]
    public async Task Two_sets_of_sessions_live_side_by_side()
    {
        var adminStore = new Memory.MemoryStore();
        await using var site = await Site.StartAsync(
            app =>
            {
                app.UseSessionStores();
                app.UseSessionStores("admin");
                app.MapGet("/both", (HttpContext context) =>
                {
                    context.GetHttpSession()!.Update<int>("n", n => n + 1);
                    context.GetHttpSession("admin")!.Update<int>("n", n => n + 10);
                    return $"{context.GetHttpSession()!.Get<int>("n")} {context.GetHttpSession("admin")!.Get<int>("n")} {context.GetHttpSession("none") is null}";
                });
            },
            null,
            kestrel: false,
            services => services.AddSessionStores("admin", options =>
            {
                options.Secrets.Add("Zt5Wb8Kc2Mv7Xn4Qd1Rj6Fp9Gs3Hy0LuA");
                options.Name = "admin.sid";
                options.UseExpressCookie();
            }).UseStore(_ => adminStore));
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/both");

        Assert.Equal("1 10 True", answer.Body);
        Assert.Equal(2, answer.SetCookies.Length);
        browser.Cookie = string.Join("; ", answer.SetCookies.Select(cookie => cookie.Split(';')[0]));
        Assert.Equal("2 20 True", (await browser.GetAsync("/both")).Body);
        Assert.Equal(1, await adminStore.LengthAsync());
        Assert.NotSame(site.Sessions, site.Services.GetRequiredKeyedService<SessionAccess>("admin"));
    }

    private static Task<Site> StartAsync() => Site.StartAsync(Map);

    private static void Map(WebApplication app)
    {
        app.MapGet("/login", (HttpSession session, string user) =>
        {
            session.Subject = user;
            session.Set("mails", 0);
        });
        app.MapGet("/who", (HttpSession session) => session.Subject ?? "");
        app.MapGet("/mails", (HttpSession session) => session.Get<int>("mails"));
    }

    private static async Task<Browser> LogInAsync(Site site, string user)
    {
        var browser = site.NewBrowser();
        await browser.GetAsync($"/login?user={user}");
        return browser;
    }
}

file static class Stores
{
    /// <summary>Puts a store that keeps subjects in front: the recording one of the tests does not.</summary>
    public static void Replace(this IServiceCollection services)
    {
        var recording = services.Last(service => service.ServiceType == typeof(ISessionStore) && !service.IsKeyedService).ImplementationFactory!;
        services.AddSingleton<ISessionStore>(provider => ((RecordingStore)recording(provider)).Inner);
    }
}
