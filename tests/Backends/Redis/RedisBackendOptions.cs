namespace SessionStores.Backends;

/// <summary>How the Redis servers are to be set.</summary>
public sealed record RedisBackendOptions : BackendOptions
{
    /// <summary>Whether each write is on the disk before it is acknowledged (append-only file, fsync always), so that it survives a kill.</summary>
    /// <value>Default: false; nothing is written to the disk.</value>
    public bool Durable { get; init; }

    /// <summary>The password that clients must give; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>The memory limit, such as <c>4mb</c>; writes beyond it fail (policy noeviction). Null for none.</summary>
    public string? MaxMemory { get; init; }

    /// <summary>More arguments for the server, such as <c>["--maxclients", "10"]</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The image to run, such as <c>valkey/valkey:9.1</c>; null for the one of the run.</summary>
    public string? Image { get; init; }

    internal override bool NeedsOwnServer => Image is not null || Durable || Password is not null || MaxMemory is not null || Arguments.Count > 0;

    /// <summary>The command line after the name of the program.</summary>
    internal IEnumerable<string> ArgumentsFor(ServerPlace place)
    {
        List<string> arguments =
        [
            "--bind", place.Bind, "--port", $"{place.Port}", "--dir", place.Folder, "--daemonize", "no", "--save", "",
            "--protected-mode", "no", "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1",
        ];
        if (Durable)
            arguments.AddRange(["--appendonly", "yes", "--appendfsync", "always"]);
        if (Password is not null)
            arguments.AddRange(["--requirepass", Password, "--masterauth", Password]);
        if (MaxMemory is not null)
            arguments.AddRange(["--maxmemory", MaxMemory, "--maxmemory-policy", "noeviction"]);
        return arguments.Concat(Arguments);
    }
}
