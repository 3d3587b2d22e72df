namespace SessionStores.Backends;

/// <summary>How the MongoDB server is to be set.</summary>
public sealed record MongoBackendOptions : BackendOptions
{
    /// <summary>Whether each write is on the disk before it is acknowledged, so that it survives a kill. DocumentDB has a container of its own then,
    /// which is stopped, killed and paused together with its gateway.</summary>
    /// <value>Default: false.</value>
    public bool Durable { get; init; }

    internal override bool NeedsOwnServer => Durable;
}
