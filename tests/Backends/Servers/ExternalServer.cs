namespace SessionStores.Backends;

/// <summary>A server that came by connection string: it is used, never steered.</summary>
internal sealed class ExternalServer(string name, string host, int port, string variable) : ServerHandle(name, host, port)
{
    public override bool CanControl => false;

    public override bool IsRunning => true;

    public override Task StopAsync(CancellationToken cancellationToken = default) => throw Refused();

    public override Task KillAsync(CancellationToken cancellationToken = default) => throw Refused();

    public override Task PauseAsync(CancellationToken cancellationToken = default) => throw Refused();

    public override Task ResumeAsync(CancellationToken cancellationToken = default) => throw Refused();

    public override Task RestartAsync(CancellationToken cancellationToken = default) => throw Refused();

    public override Task<string> ReadLogTailAsync(CancellationToken cancellationToken = default) => throw Refused();

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private NotSupportedException Refused() => new($"The {Name} server comes from {variable} and is not ours to steer (CanControl is false).");
}
