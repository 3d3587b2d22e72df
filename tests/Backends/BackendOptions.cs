namespace SessionStores.Backends;

/// <summary>What all backends let a test choose.</summary>
public record BackendOptions
{
    /// <summary>Where the server may come from.</summary>
    /// <value>
    /// Default: anywhere. <c>SESSIONSTORES_SOURCES</c> (<c>connectionstring</c>, <c>container</c>, <c>binary</c>, separated by commas) narrows
    /// it further for a whole run.
    /// </value>
    public BackendSources Sources { get; init; } = BackendSources.Any;

    /// <summary>How long a start or a restart may take until the server answers.</summary>
    /// <value>Default: one minute.</value>
    public TimeSpan StartDeadline { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether a test asks for settings that only a server of our own is known to have.</summary>
    internal virtual bool NeedsOwnServer => false;
}
