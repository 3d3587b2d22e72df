namespace SessionStores.Backends;

/// <summary>What all backends let a test choose.</summary>
public record BackendOptions
{
    /// <summary>Where the server may come from.</summary>
    /// <value>Default: anywhere. <c>SESSIONSTORES_SOURCES</c> (<c>connectionstring,container,binary</c>) narrows it for a whole run.</value>
    public BackendSources Sources { get; init; } = BackendSources.Any;

    /// <summary>Whether a container uses the network of this machine, so that no proxy of Docker is between a client and its server.</summary>
    /// <value>Default: false.</value>
    public bool HostNetwork { get; init; }

    /// <summary>Whether a test asks for settings that only a server of our own is known to have.</summary>
    internal virtual bool NeedsOwnServer => false;
}

/// <summary>Where a server may come from. Tried in the order of declaration.</summary>
[Flags]
public enum BackendSources
{
    /// <summary>Nowhere: the backend is reported as not run.</summary>
    None = 0,

    /// <summary>A connection string in an environment variable; such a server cannot be stopped or paused.</summary>
    ConnectionString = 1,

    /// <summary>A container, where a Docker engine runs and the image is there or can be pulled.</summary>
    Container = 2,

    /// <summary>A local binary on a free loopback port, with its data in a temporary folder.</summary>
    Binary = 4,

    /// <summary>A server of our own, which can be stopped, killed, paused and restarted.</summary>
    Controlled = Container | Binary,

    /// <summary>All of them.</summary>
    Any = ConnectionString | Controlled,
}
