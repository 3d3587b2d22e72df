namespace SessionStores.Backends;

/// <summary>How to run a server from a local binary.</summary>
internal sealed record ProcessServerSpec
{
    /// <summary>What it is, for messages.</summary>
    public required string Name { get; init; }

    public required PortReservation Port { get; init; }

    /// <summary>Removed with the server.</summary>
    public required TemporaryFolder Folder { get; init; }

    public required ServerUser User { get; init; }

    /// <summary>The binary and its arguments. The program must be the server itself; a script must <c>exec</c> it.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public PosixSignalNumber StopSignal { get; init; } = PosixSignalNumber.Terminate;

    /// <summary>Whether it answers. Exceptions of a refused or broken connection mean no.</summary>
    public required Func<CancellationToken, Task<bool>> IsReady { get; init; }

    public required TimeSpan StartDeadline { get; init; }
}
