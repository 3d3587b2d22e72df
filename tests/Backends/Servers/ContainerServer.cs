using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace SessionStores.Backends;

/// <summary>A server run in a container. Its data stays with the container over a restart and goes with it.</summary>
internal sealed class ContainerServer : ServerHandle
{
    private readonly ContainerServerSpec _spec;
    private readonly IContainer _container;
    private bool _isPaused;

    private ContainerServer(ContainerServerSpec spec)
        : base(spec.Name, "127.0.0.1", spec.Port.Port)
    {
        _spec = spec;
        var builder = new ContainerBuilder(spec.Image)
            .WithCommand([.. spec.CommandLine])
            .WithEnvironment(spec.Environment)
            .WithLabel(ContainerEngine.ProcessLabel, $"{Environment.ProcessId}")
            .WithCreateParameterModifier(Modify);
        if (!spec.HostNetwork)
            builder = builder.WithPortBinding(Port, Port);
        if (spec.Entrypoint is not null)
            builder = builder.WithEntrypoint([.. spec.Entrypoint]);
        _container = builder.Build();
    }

    public override bool CanControl => true;

    public override bool IsRunning => _container.State is TestcontainersStates.Running or TestcontainersStates.Paused;

    /// <summary>Starts the server. When it fails, its container and port are released before the exception is thrown.</summary>
    public static async Task<ServerHandle> StartAsync(ContainerServerSpec spec, CancellationToken cancellationToken)
    {
        var server = new ContainerServer(spec);
        try
        {
            await server.LaunchAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!IsRunning)
            return;
        if (_isPaused)
            await ResumeAsync(cancellationToken);
        await _container.StopAsync(cancellationToken);
    }

    public override async Task KillAsync(CancellationToken cancellationToken = default)
    {
        if (!IsRunning)
            return;
        // A frozen container takes no signal.
        if (_isPaused)
            await ResumeAsync(cancellationToken);
        using var client = ContainerEngine.Connect();
        await client.Containers.KillContainerAsync(_container.Id, new ContainerKillParameters { Signal = "SIGKILL" }, cancellationToken);
        await client.Containers.WaitContainerAsync(_container.Id, cancellationToken);
        // Testcontainers sees the new state with its next call; stopping what has ended changes nothing.
        await _container.StopAsync(cancellationToken);
    }

    public override async Task PauseAsync(CancellationToken cancellationToken = default)
    {
        await _container.PauseAsync(cancellationToken);
        _isPaused = true;
    }

    public override async Task ResumeAsync(CancellationToken cancellationToken = default)
    {
        if (!_isPaused)
            return;
        await _container.UnpauseAsync(cancellationToken);
        _isPaused = false;
    }

    public override async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await LaunchAsync(cancellationToken);
    }

    public override async Task<string> ReadLogTailAsync(CancellationToken cancellationToken = default)
    {
        if (_container.State == TestcontainersStates.Undefined)
            return "(the container was not created)";
        var (output, errors) = await _container.GetLogsAsync(ct: cancellationToken);
        return LogTail.Of((output + errors).TrimEnd().Split('\n'));
    }

    public override async ValueTask DisposeAsync()
    {
        AtProcessExit.Forget(this);
        await _container.DisposeAsync();
        _spec.Port.Dispose();
    }

    // The process is ending, which waits for no task.
    private void Remove()
    {
        if (_container.State == TestcontainersStates.Undefined)
            return;
        using var client = ContainerEngine.Connect();
        ContainerEngine.RemoveAsync(client, _container.Id).GetAwaiter().GetResult();
    }

    private void Modify(CreateContainerParameters parameters)
    {
        parameters.StopSignal = _spec.StopSignal;
        if (_spec.User is not null)
            parameters.User = _spec.User;
        parameters.HostConfig ??= new HostConfig();
        if (_spec.HostNetwork)
            parameters.HostConfig.NetworkMode = "host";

        // Left alone, Docker publishes on every address of the machine.
        foreach (var binding in parameters.HostConfig.PortBindings?.Values.SelectMany(bindings => bindings) ?? [])
            binding.HostIP = "127.0.0.1";
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        AtProcessExit.Register(this, Remove);
        using var client = ContainerEngine.Connect();
        try
        {
            // Throws a TimeoutException too when the server ends at once.
            await _container.StartAsync(cancellationToken);
            await Wait.UntilAsync(
                token => IsReadyAsync(client, token), _spec.StartDeadline, $"{Describe()} to answer", cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new BackendStartException($"{exception.Message}\n{await ReadLogTailAsync(cancellationToken)}", exception);
        }
    }

    private async Task<bool> IsReadyAsync(IDockerClient client, CancellationToken cancellationToken)
    {
        if (await Readiness.AskAsync(_spec.IsReady, cancellationToken))
            return true;
        var state = (await client.Containers.InspectContainerAsync(_container.Id, cancellationToken)).State;
        return state is { Running: false }
            ? throw new BackendStartException(
                $"{Describe()} ended with code {state.ExitCode} instead of answering.\n{await ReadLogTailAsync(cancellationToken)}")
            : false;
    }

    private string Describe() => $"{Name} on port {Port} (container of {_spec.Image})";
}
