using Interop.Servers;
using Interop.Sites;

namespace Interop.Running;

/// <summary>What a scenario plays on: one server, one Node process, sites of both runtimes, and browsers.</summary>
internal sealed class Stage(SharedServer server, Direction direction, NodeProcess node, string root) : IAsyncDisposable
{
    private readonly Dictionary<(Runtime Runtime, string Options), Site> _sites = [];

    public SharedServer Server { get; } = server;

    /// <summary>The folder of the repository.</summary>
    public string Root { get; } = root;

    public Direction Direction { get; } = direction;

    /// <summary>The side that makes the first request.</summary>
    public Runtime First => Direction == Direction.NodeFirst ? Runtime.Node : Runtime.DotNet;

    /// <summary>The other side.</summary>
    public Runtime Second => Direction == Direction.NodeFirst ? Runtime.DotNet : Runtime.Node;

    /// <summary>A site of a runtime with options of its own; the same site for the same options.</summary>
    public async Task<Site> OpenAsync(Runtime runtime, SiteOptions? options = null)
    {
        options ??= new SiteOptions();
        var key = (runtime, options.ToString());
        if (!_sites.TryGetValue(key, out var site))
        {
            site = runtime == Runtime.Node
                ? await node.StartSiteAsync(Server, options)
                : await DotNetSite.StartAsync(Server, options);
            _sites.Add(key, site);
        }

        return site;
    }

    /// <summary>Sites of both runtimes with the same options: the one that goes first, and the other.</summary>
    public async Task<(Site First, Site Second)> OpenBothAsync(SiteOptions? options = null) =>
        (await OpenAsync(First, options), await OpenAsync(Second, options));

    /// <summary>Says what went wrong in Node since the last question: answers 500, dropped connections, errors in its handlers.</summary>
    public Task<IReadOnlyList<string>> TakeNodeTroubleAsync() => node.TakeTroubleAsync();

    /// <summary>What goes wrong in Node while something is done that is meant to go wrong there; it does not count.</summary>
    public Task<IReadOnlyList<string>> TroubleOfAsync(Func<Task> action) => node.TroubleOfAsync(action);

    public async ValueTask DisposeAsync()
    {
        foreach (var site in _sites.Values)
            await site.DisposeAsync();
    }
}
