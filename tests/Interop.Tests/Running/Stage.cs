using SessionStores.Interop.Tests.Servers;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Running;

/// <summary>What a scenario plays on: one server, a Node process for each clock, sites of both runtimes, and browsers.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly Dictionary<(Runtime Runtime, string Options), Site> _sites = [];
    private readonly Dictionary<TimeSpan, NodeProcess> _nodes = [];

    private Stage(SharedServer server, Runtime first)
    {
        Server = server;
        First = first;
    }

    public SharedServer Server { get; }

    /// <summary>The side that makes the first request.</summary>
    public Runtime First { get; }

    /// <summary>The other side.</summary>
    public Runtime Second => First == Runtime.Node ? Runtime.DotNet : Runtime.Node;

    /// <summary>Starts Node. The side that goes first creates the table or the indexes; the other side has to live with them.</summary>
    public static async Task<Stage> StartAsync(SharedServer server, Runtime first)
    {
        await server.PrepareAsync();
        var stage = new Stage(server, first);
        await new Browser().RunAsync(await stage.OpenAsync(first), Steps.Set("primed", true));
        return stage;
    }

    /// <summary>A site of a runtime with options of its own; the same site for the same options.</summary>
    public async Task<Site> OpenAsync(Runtime runtime, SiteOptions? options = null)
    {
        options ??= new SiteOptions();
        var key = (runtime, options.ToString());
        if (!_sites.TryGetValue(key, out var site))
        {
            site = runtime == Runtime.Node
                ? await NodeOf(options.ClockAhead).StartSiteAsync(Server, options)
                : await DotNetSite.StartAsync(Server, options);
            _sites.Add(key, site);
        }

        return site;
    }

    /// <summary>Sites of both runtimes with the same options: the one that goes first, and the other.</summary>
    public async Task<(Site First, Site Second)> OpenBothAsync(SiteOptions? options = null) =>
        (await OpenAsync(First, options), await OpenAsync(Second, options));

    /// <summary>Returns what went wrong in Node since the last call: responses with status 500, dropped connections, errors in its handlers.</summary>
    public async Task<IReadOnlyList<string>> TakeNodeTroubleAsync()
    {
        List<string> trouble = [];
        foreach (var node in _nodes.Values)
            trouble.AddRange(await node.TakeTroubleAsync());

        return trouble;
    }

    /// <summary>Returns what goes wrong in Node during an action that is meant to go wrong there; it does not count.</summary>
    public Task<IReadOnlyList<string>> TroubleOfAsync(Func<Task> action) => NodeOf(TimeSpan.Zero).TroubleOfAsync(action);

    public async ValueTask DisposeAsync()
    {
        foreach (var site in _sites.Values)
            await site.DisposeAsync();

        foreach (var node in _nodes.Values)
            await node.DisposeAsync();

        await Server.DisposeAsync();
    }

    /// <summary>The Node process with a clock that is so far ahead.</summary>
    private NodeProcess NodeOf(TimeSpan clockAhead)
    {
        if (!_nodes.TryGetValue(clockAhead, out var node))
            _nodes.Add(clockAhead, node = NodeProcess.Start(Repository.PathOf("tests/Interop.Tests/node"), clockAhead));

        return node;
    }
}
