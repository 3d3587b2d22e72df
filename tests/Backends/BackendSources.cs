namespace SessionStores.Backends;

/// <summary>Where a server may come from. Tried in the order of declaration.</summary>
[Flags]
public enum BackendSources
{
    /// <summary>Nowhere: the backend is reported as not run.</summary>
    None = 0,

    /// <summary>A connection string in an environment variable; such a server cannot be stopped or paused.</summary>
    ConnectionString = 1,

    /// <summary>A container, where a Docker engine answers and the image is there or can be pulled.</summary>
    Container = 2,

    /// <summary>A local binary on a free loopback port, with its data in a temporary folder.</summary>
    Binary = 4,

    /// <summary>A server of our own, which can be stopped, killed, paused and restarted.</summary>
    Controlled = Container | Binary,

    /// <summary>All of them.</summary>
    Any = ConnectionString | Controlled,
}
