namespace SessionStores.Backends;

/// <summary>How to run one server, in a container or from a local binary.</summary>
internal sealed record ServerSpec
{
    /// <summary>What it is, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The program and its arguments. The program must be the server itself; a script must <c>exec</c> it.</summary>
    public required Func<ServerPlace, IReadOnlyList<string>> Command { get; init; }

    /// <summary>Whether it is ready, given its port. Exceptions of a refused or broken connection mean no.</summary>
    public required Func<int, CancellationToken, Task<bool>> IsReady { get; init; }

    /// <summary>Whether SIGINT, and not SIGTERM, is the signal that ends it without waiting for its clients.</summary>
    public bool StopsOnInterrupt { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Text files that are written to <see cref="ServerPlace.Folder"/> before the start.</summary>
    public Func<ServerPlace, IReadOnlyDictionary<string, string>> Files { get; init; } = _ => new Dictionary<string, string>();

    /// <summary>The folder for data and files in a container.</summary>
    public string ContainerFolder { get; init; } = "/data";

    /// <summary>Whether a container shares the network of the host, so that servers and tests reach one another at the same addresses.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>The user in a container; null for that of the image.</summary>
    public string? ContainerUser { get; init; }

    /// <summary>Replaces the entry point of the image; null keeps it.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The user that runs the local binary.</summary>
    public ServerUser User { get; init; } = ServerUser.Current;

    /// <summary>Creates the data of a local binary in its folder.</summary>
    public Func<string, Task> Prepare { get; init; } = _ => Task.CompletedTask;
}

/// <summary>Where a server runs: the same port inside and outside of a container, the address to listen on, and its folder.</summary>
internal sealed record ServerPlace(int Port, string Bind, string Folder);
