using System.ComponentModel;

namespace SessionStores.Http.Run;

/// <summary>The running sites: each in a process of its own, filled, checked, warm and on its processor.</summary>
internal sealed class SiteFarm(RunArguments arguments, Backings backings, LoadTool load, string folder) : IDisposable
{
    private const string NoCookies = "none.cookies";

    private readonly Dictionary<Contestant, SiteProcess> _sites = [];

    /// <summary>Why a contestant cannot be measured.</summary>
    public Dictionary<Contestant, string> Failures { get; } = [];

    public SiteProcess this[Contestant contestant] => _sites[contestant];

    public async Task StartAsync(IEnumerable<Contestant> contestants)
    {
        await File.WriteAllTextAsync(NoCookieFile, "");
        foreach (var contestant in contestants)
        {
            try
            {
                var site = await SiteProcess.StartAsync(Command(contestant), arguments.ServerCore is not null, Path.Combine(folder, $"{contestant.Store}-{contestant.Site}.cookies"));
                _sites.Add(contestant, site);
                Console.WriteLine($"{contestant.Name}: {await PrepareAsync(contestant, site)}");
            }
            catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or OperationCanceledException or IOException or Win32Exception)
            {
                // One that does not start, does not respond or ends early does not keep the others from being measured.
                Failures[contestant] = exception.Message;
                Console.WriteLine($"{contestant.Name}: FAILED: {exception.Message}");
            }
        }
    }

    /// <summary>The address of an action, and the file of the cookies to send.</summary>
    public (Uri Url, string Cookies) RequestsOf(Contestant contestant, string action) =>
        action == Cell.NoCookie ? (new Uri(_sites[contestant].Url, "read"), NoCookieFile) : (new Uri(_sites[contestant].Url, action), _sites[contestant].CookieFile);

    public void Dispose()
    {
        foreach (var site in _sites.Values)
            site.Dispose();
    }

    private string NoCookieFile => Path.Combine(folder, NoCookies);

    private string[] Command(Contestant contestant) => contestant.Site switch
    {
        "express-plain" => ["node", Path.Combine(arguments.Node, "site.js"), "plain"],
        "express" => ["node", Path.Combine(arguments.Node, "site.js"), contestant.Kind, backings[contestant.Store].NodeConnection],
        _ => [Environment.ProcessPath!, .. LoadTool.OwnAssembly(), "serve", contestant.Site, contestant.Kind, backings[contestant.Store].Connection],
    };

    /// <summary>Fills a site, checks it, lets its code be compiled and pins it. Endpoints without sessions and bare ones get the same requests as ours:
    /// the cookies of the sessions that ours has stored.</summary>
    private async Task<string> PrepareAsync(Contestant contestant, SiteProcess site)
    {
        if (contestant.HasSessions)
            await Seed.FillAsync(site);
        else if (_sites.TryGetValue(contestant with { Site = "own" }, out var own))
            File.Copy(own.CookieFile, site.CookieFile);
        else
            await File.WriteAllTextAsync(site.CookieFile, "");

        await Seed.CheckAsync(contestant, site);
        var warm = await WarmUp.RunAsync(contestant, site, async action =>
        {
            var (url, cookies) = RequestsOf(contestant, action);
            return (await load.RunAsync(url, cookies, Plan.Usual, 1, [])).Result;
        });
        if (arguments.ServerCore is { } core)
            await site.PinAsync(core);

        return warm;
    }
}
