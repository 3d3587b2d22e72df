using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Two requests change one session: what each did stays, and true clashes are decided and counted.</summary>
public sealed class MergingTests
{
    [Fact]
    public async Task Changes_of_different_members_all_stay()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("kept", 1));

        await RaceAsync(site, browser, ours => ours.Set("ours", 1), theirs => theirs.Set("theirs", 2));

        Assert.Equal("""{"kept":1,"theirs":2,"ours":1}""", await MembersAsync(site, browser));
        Assert.Equal(1, site.Counters["sessionstores.conflicts.merged"]);
        Assert.Equal(0, site.Counters["sessionstores.clashes"]);
    }

    [Fact]
    public async Task An_update_runs_again_on_the_value_that_the_other_request_stored()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("count", 10));

        await RaceAsync(
            site, browser,
            ours =>
            {
                ours.Update<int>("count", value => value + 1);
                ours.Update<int>("count", value => value * 2);
                ours.Update<List<string>>("list", list => [.. list ?? [], "ours"]);
            },
            theirs =>
            {
                theirs.Update<int>("count", value => value + 100);
                theirs.Update<List<string>>("list", list => [.. list ?? [], "theirs"]);
            });

        Assert.Equal("""{"count":222,"list":["theirs","ours"]}""", await MembersAsync(site, browser));
        Assert.Equal(0, site.Counters["sessionstores.clashes"]);
    }

    [Fact]
    public async Task An_update_of_a_member_that_the_other_request_removed_starts_from_nothing()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("count", 10));

        await RaceAsync(site, browser, ours => ours.Update<int>("count", value => value + 1), theirs => theirs.Remove("count"));

        Assert.Equal("""{"count":1}""", await MembersAsync(site, browser));
    }

    [Fact]
    public async Task An_update_on_top_of_an_assignment_is_part_of_it()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("count", 10));

        await RaceAsync(
            site, browser,
            ours =>
            {
                ours.Set("count", 1);
                ours.Update<int>("count", value => value + 1);
            },
            theirs => theirs.Set("other", 1));

        Assert.Equal("""{"count":2,"other":1}""", await MembersAsync(site, browser));
    }

    [Fact]
    public async Task An_update_that_throws_changes_nothing()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("count", 10));

        await RaceAsync(site, browser, ours => Assert.Throws<FormatException>(() => ours.Update<int>("count", _ => throw new FormatException())), null);

        Assert.Equal("""{"count":10}""", await MembersAsync(site, browser));
    }

    [Fact]
    public async Task A_removal_is_a_change_and_the_removal_of_another_member_stays()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => SetAll(session, ("a", 1), ("b", 2), ("c", 3)));

        await RaceAsync(site, browser, ours => ours.Remove("a"), theirs => theirs.Remove("b"));

        Assert.Equal("""{"c":3}""", await MembersAsync(site, browser));
    }

    [Fact]
    public async Task Clearing_removes_what_was_there_and_leaves_what_others_added()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => SetAll(session, ("a", 1), ("b", 2)));

        await RaceAsync(site, browser, ours => ours.Clear(), theirs => theirs.Set("added", 1));

        Assert.Equal("""{"added":1}""", await MembersAsync(site, browser));
    }

    [Theory]
    [InlineData(ClashResolution.LastWins, 1)]
    [InlineData(ClashResolution.FirstWins, 2)]
    public async Task A_clash_is_counted_and_decided_by_the_option(ClashResolution resolution, int expected)
    {
        await using var site = await StartAsync(options => options.Clashes = resolution);
        using var browser = await BeginAsync(site, session => session.Set("who", 0));

        await RaceAsync(site, browser, ours => ours.Set("who", 1), theirs => theirs.Set("who", 2));

        Assert.Equal($$"""{"who":{{expected}}}""", await MembersAsync(site, browser));
        Assert.Equal(1, site.Counters["sessionstores.clashes"]);
    }

    [Fact]
    public async Task A_clash_can_be_set_to_fail()
    {
        await using var site = await StartAsync(options => options.Clashes = ClashResolution.Fail);
        using var browser = await BeginAsync(site, session => session.Set("who", 0));

        var failure = await Assert.ThrowsAsync<SessionConflictException>(() => RaceAsync(site, browser, ours => ours.Set("who", 1), theirs => theirs.Set("who", 2)));

        Assert.Equal("who", failure.Member);
        Assert.Equal("""{"who":2}""", await MembersAsync(site, browser));
    }

    [Fact]
    public async Task Both_assigning_the_same_value_is_no_clash()
    {
        await using var site = await StartAsync(options => options.Clashes = ClashResolution.Fail);
        using var browser = await BeginAsync(site, session => session.Set("who", 0));

        await RaceAsync(site, browser, ours => ours.Set("who", 5), theirs => theirs.Set("who", 5));

        Assert.Equal("""{"who":5}""", await MembersAsync(site, browser));
        Assert.Equal(0, site.Counters["sessionstores.clashes"]);
    }

    [Fact]
    public async Task A_resolver_of_a_member_sees_all_three_values()
    {
        var seen = "";
        await using var site = await StartAsync(options =>
        {
            options.Clashes = ClashResolution.Fail;
            options.ClashResolvers["cart"] = clash =>
            {
                seen = $"{clash.Member} {Text(clash.Original)} {Text(clash.Theirs)} {Text(clash.Ours)}";
                return "[1,2]"u8.ToArray();
            };
            options.ClashResolvers["gone"] = _ => null;
        });
        using var browser = await BeginAsync(site, session => SetAll(session, ("cart", 0), ("gone", 0)));

        await RaceAsync(site, browser, ours => SetAll(ours, ("cart", 1), ("gone", 1)), theirs => SetAll(theirs, ("cart", 2), ("gone", 2)));

        Assert.Equal("""{"cart":[1,2]}""", await MembersAsync(site, browser));
        Assert.Equal("cart 0 2 1", seen);
    }

    [Fact]
    public async Task Subject_cookie_and_absolute_limit_are_merged_too()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("a", 1));
        var limit = site.Clock.GetUtcNow().AddDays(7);

        await RaceAsync(site, browser, ours => ours.Subject = "me", theirs =>
        {
            theirs.AbsoluteExpiresAt = limit;
            theirs.Cookie.MaxAge = TimeSpan.FromHours(2);
        });

        var record = await site.RecordOf(browser);
        Assert.Equal("me", record!.Subject);
        Assert.Equal(site.Clock.GetUtcNow().AddHours(2), record.ExpiresAt);
        Assert.Contains($"\"__absolute\":{limit.ToUnixTimeMilliseconds()}", SavingTests.Payload(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blind_write_of_a_peer_is_merged_with()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("count", 1));
        var foreign = """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"count":5,"node":true}"""u8.ToArray();

        await RaceAsync(site, browser, ours => ours.Update<int>("count", value => value + 1), null,
            (id, store) => store.SetAsync(id, new SessionContent(foreign, site.Clock.GetUtcNow().AddHours(1))).AsTask());

        Assert.Equal("""{"count":6,"node":true}""", await MembersAsync(site, browser));
    }

    [Fact]
    public async Task A_session_destroyed_meanwhile_stays_destroyed_and_the_request_learns_it()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("a", 1));
        var id = browser.SessionId!;

        var answer = await RaceAsync(site, browser, ours => ours.Set("a", 2), null, (id, store) => store.DestroyAsync(id).AsTask());

        Assert.Equal("SessionDestroyedException True DestroyedMeanwhile", answer.Body);
        Assert.Null(answer.SetCookie);
        Assert.Null(await site.Store.Inner.GetAsync(id));
        Assert.Equal(1, site.Counters["sessionstores.resurrections.blocked"]);
        Assert.True(site.Log.Has("ResurrectionBlocked"));
    }

    [Fact]
    public async Task A_conflict_after_which_the_session_is_gone_does_not_bring_it_back()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("a", 1));
        var id = browser.SessionId!;
        site.Store.Before = async call =>
        {
            // After the conflict, before the reload.
            if (call == "get" && site.Store.Calls.Contains("replace"))
                await site.Store.Inner.DestroyAsync(id);
        };
        site.Store.Forget();

        await RaceAsync(site, browser, ours => ours.Set("a", 2), theirs => theirs.Set("b", 2));

        Assert.Null(await site.Store.Inner.GetAsync(id));
    }

    [Fact]
    public async Task A_new_id_that_keeps_the_data_is_merged_with_what_others_stored()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("a", 1));

        await RaceAsync(site, browser, ours => _ = ours.RegenerateAsync(keepData: true), theirs => theirs.Set("b", 2));

        Assert.Equal("""{"a":1,"b":2}""", await MembersAsync(site, browser));
    }

    [Fact]
    public async Task A_new_id_does_not_bring_back_what_was_destroyed_meanwhile()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site, session => session.Set("a", 1));
        var before = browser.Cookie;

        var answer = await RaceAsync(site, browser, ours => _ = ours.RegenerateAsync(keepData: true), null, (id, store) => store.DestroyAsync(id).AsTask());

        Assert.Equal("SessionDestroyedException True DestroyedMeanwhile", answer.Body);
        Assert.Equal(before, browser.Cookie);
        Assert.Equal(0, await ((ISessionEnumeration)site.Store.Inner).LengthAsync());
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        await using var site = await StartAsync(options => options.MaxMergeAttempts = 3);
        using var browser = await BeginAsync(site, session => session.Set("a", 1));
        var id = browser.SessionId!;
        var writes = 0;
        site.Store.Before = async call =>
        {
            if (call != "replace")
                return;

            var payload = Encoding.UTF8.GetBytes($$$"""{"cookie":{"path":"/"},"n":{{{writes++}}}}""");
            await site.Store.Inner.SetAsync(id, new SessionContent(payload, site.Clock.GetUtcNow().AddHours(1)));
        };

        var failure = await Assert.ThrowsAsync<SessionConflictException>(() => browser.GetAsync("/change?save=false"));

        Assert.Null(failure.Member);
        Assert.Contains("MaxMergeAttempts", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, writes);
    }

    private static async Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null) => await Site.StartAsync(app =>
        app.MapGet("/change", async (HttpContext context, HttpSession session, bool save) =>
        {
            if (context.RequestServices.GetService(typeof(Work)) is Work work && work.Ours is { } change)
            {
                change(session);
                await work.Meanwhile(session);
            }
            else
            {
                session.Set("changed", 1);
            }

            if (!save)
                return "";

            try
            {
                await session.SaveAsync();
                return "saved";
            }
            catch (SessionDestroyedException failure)
            {
                return $"{failure.GetType().Name} {session.IsDestroyed} {context.GetSessionLoadResult()}";
            }
        }), configure, services: services => services.Add(Microsoft.Extensions.DependencyInjection.ServiceDescriptor.Singleton(new Work())));

    private static async Task<Browser> BeginAsync(Site site, Action<HttpSession> begin)
    {
        var browser = site.NewBrowser();
        await RaceAsync(site, browser, begin, null);
        return browser;
    }

    /// <summary>One request loads the session and changes it; before it saves, another writer stores a change of its own.</summary>
    private static async Task<Browser.Answer> RaceAsync(Site site, Browser browser, Action<HttpSession> ours, Action<HttpSession>? theirs, Func<string, ISessionStore, Task>? other = null)
    {
        var work = (Work)site.Services.GetService(typeof(Work))!;
        var id = browser.SessionId;
        work.Ours = ours;
        work.Meanwhile = async _ =>
        {
            if (other is not null)
                await other(id!, site.Store.Inner);

            if (theirs is null)
                return;

            var session = await site.Sessions.LoadAsync(id!);
            theirs(session!);
            await session!.SaveAsync();
            site.Store.Forget();
        };
        try
        {
            return await browser.GetAsync("/change?save=true");
        }
        finally
        {
            work.Ours = null;
        }
    }

    private static async Task<string> MembersAsync(Site site, Browser browser)
    {
        var session = await site.Sessions.LoadAsync(browser.SessionId!);
        return $"{{{string.Join(',', session!.Keys.Select(name => $"\"{name}\":{Text(session.GetRaw(name))}"))}}}";
    }

    private static void SetAll(HttpSession session, params (string Name, int Value)[] members)
    {
        foreach (var (name, value) in members)
            session.Set(name, value);
    }

    private static string Text(ReadOnlyMemory<byte>? json) => json is { } value ? Encoding.UTF8.GetString(value.Span) : "-";

    private sealed class Work
    {
        public Action<HttpSession>? Ours { get; set; }

        public Func<HttpSession, Task> Meanwhile { get; set; } = _ => Task.CompletedTask;
    }
}
