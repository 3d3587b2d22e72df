namespace SessionStores.Backends;

/// <summary>How to run a server in a container.</summary>
internal sealed record ContainerServerSpec
{
    /// <summary>What it is, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The same port inside and outside, bound to loopback outside.</summary>
    public required PortReservation Port { get; init; }

    public required string Image { get; init; }

    /// <summary>Whether it shares the network of the host, so that several containers and the tests reach one another at the same addresses.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>The user inside; null for that of the image.</summary>
    public string? User { get; init; }

    /// <summary>Replaces the entry point of the image; null keeps it.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    public required IReadOnlyList<string> CommandLine { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string StopSignal { get; init; } = "SIGTERM";

    /// <inheritdoc cref="ProcessServerSpec.IsReady"/>
    public required Func<CancellationToken, Task<bool>> IsReady { get; init; }

    public required TimeSpan StartDeadline { get; init; }
}
