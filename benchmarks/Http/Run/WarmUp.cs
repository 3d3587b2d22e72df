using System.Diagnostics;
using System.Globalization;
using SessionStores.Http.Load;
using SessionStores.Http.Sites;

namespace SessionStores.Http.Run;

/// <summary>Loads a site, all its actions at once, until the JIT has nothing left to compile again.</summary>
internal static class WarmUp
{
    private static readonly TimeSpan LimitPerAction = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>V8 does not say when it has finished.</summary>
    private const int NodeSeconds = 2;

    /// <summary>A site has some thousand methods, and single ones that are seldom called are compiled as long as it runs.</summary>
    private const long Stragglers = 40;

    /// <summary>Answers how it ended.</summary>
    /// <param name="contestant">Who is warmed.</param>
    /// <param name="site">Its process.</param>
    /// <param name="load">Loads an action for a second.</param>
    public static async Task<string> RunAsync(Contestant contestant, SiteProcess site, Func<string, Task<LoadResult>> load)
    {
        var clock = Stopwatch.StartNew();
        if (contestant.IsNode)
        {
            for (var second = 0; second < NodeSeconds; second++)
                await Task.WhenAll(contestant.Actions.Select(load));

            return Text($"warmed for {clock.Elapsed.TotalSeconds:F1} s");
        }

        using var client = new HttpClient { BaseAddress = site.Url, Timeout = TimeSpan.FromSeconds(20) };
        var limit = LimitPerAction * contestant.Actions.Count;
        var before = await CompiledAsync(client);
        while (clock.Elapsed < limit)
        {
            var answers = await Task.WhenAll(contestant.Actions.Select(load));
            if (answers.All(answer => answer.Requests == 0))
                return "answered nothing while it was warmed";

            // Under load the JIT, the site, its database and what loads them share two processors: it is done sooner when it is left alone.
            var after = await CompiledAsync(client);
            for (var last = after - 1; last < after && clock.Elapsed < limit; after = await CompiledAsync(client))
            {
                last = after;
                await Task.Delay(Pause);
            }

            if (after - before <= Stragglers)
                return Text($"nothing left to compile after {clock.Elapsed.TotalSeconds:F1} s");

            before = after;
        }

        return Text($"NOT WARM: still compiling after {clock.Elapsed.TotalSeconds:F1} s");
    }

    /// <summary>How many methods the site has compiled so far, those compiled again included.</summary>
    private static async Task<long> CompiledAsync(HttpClient client) =>
        long.Parse(await client.GetStringAsync(new Uri(SiteHost.Compiled, UriKind.Relative)), CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
