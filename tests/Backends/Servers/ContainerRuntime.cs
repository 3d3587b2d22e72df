using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace SessionStores.Backends;

/// <summary>
/// A server run in a container; its data stays with the container over a restart. The generic builder of Testcontainers serves all servers: those
/// of its modules publish a port that Docker chooses, and chooses again at each restart, and know no host network, no SIGKILL and no replica.
/// </summary>
internal sealed class ContainerRuntime : IServerRuntime
{
    private readonly IContainer _container;

    public ContainerRuntime(string image, ServerSpec spec, int port)
    {
        var place = new ServerPlace(port, spec.HostNetwork ? "127.0.0.1" : "0.0.0.0", spec.ContainerFolder);
        var builder = new ContainerBuilder(image)
            .WithCommand([.. spec.Command(place)])
            .WithEnvironment(spec.Environment)
            .WithLabel(ContainerEngine.ProcessLabel, $"{Environment.ProcessId}")
            .WithCreateParameterModifier(parameters => Modify(parameters, spec));
        if (!spec.HostNetwork)
            builder = builder.WithPortBinding(port, port);
        if (spec.Entrypoint is not null)
            builder = builder.WithEntrypoint([.. spec.Entrypoint]);
        foreach (var (name, text) in spec.Files(place))
            builder = builder.WithResourceMapping(System.Text.Encoding.UTF8.GetBytes(text), $"{place.Folder}/{name}");
        _container = builder.Build();
    }

    public bool IsRunning => _container.State is TestcontainersStates.Running or TestcontainersStates.Paused;

    public Task LaunchAsync(CancellationToken cancellationToken) => _container.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _container.StopAsync(cancellationToken);

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        using var client = ContainerEngine.Connect();
        await client.Containers.KillContainerAsync(_container.Id, new ContainerKillParameters { Signal = "SIGKILL" }, cancellationToken);
        await client.Containers.WaitContainerAsync(_container.Id, cancellationToken);
        // Testcontainers sees the new state with its next call; stopping what has ended changes nothing.
        await _container.StopAsync(cancellationToken);
    }

    public Task PauseAsync(CancellationToken cancellationToken) => _container.PauseAsync(cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken) => _container.UnpauseAsync(cancellationToken);

    public async Task<long?> ReadExitCodeAsync(CancellationToken cancellationToken)
    {
        using var client = ContainerEngine.Connect();
        var state = (await client.Containers.InspectContainerAsync(_container.Id, cancellationToken)).State;
        return state is { Running: false } ? state.ExitCode : null;
    }

    public async Task<int> ReadProcessIdAsync(CancellationToken cancellationToken)
    {
        using var client = ContainerEngine.Connect();
        var container = await client.Containers.InspectContainerAsync(_container.Id, cancellationToken);
        return (int)(container.State?.Pid ?? throw new InvalidOperationException($"Container {_container.Id} has no process."));
    }

    public async Task<string> ReadLogAsync(CancellationToken cancellationToken)
    {
        if (_container.State == TestcontainersStates.Undefined)
            return "(the container was not created)";
        var (output, errors) = await _container.GetLogsAsync(ct: cancellationToken);
        return output + errors;
    }

    public void EndAtExit()
    {
        if (_container.State == TestcontainersStates.Undefined)
            return;
        using var client = ContainerEngine.Connect();
        ContainerEngine.RemoveAsync(client, _container.Id).GetAwaiter().GetResult();
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();

    private static void Modify(CreateContainerParameters parameters, ServerSpec spec)
    {
        parameters.StopSignal = spec.StopsOnInterrupt ? "SIGINT" : "SIGTERM";
        if (spec.ContainerUser is not null)
            parameters.User = spec.ContainerUser;
        parameters.HostConfig ??= new HostConfig();
        if (spec.HostNetwork)
            parameters.HostConfig.NetworkMode = "host";

        // By default Docker publishes on every address of the machine.
        foreach (var binding in parameters.HostConfig.PortBindings?.Values.SelectMany(bindings => bindings) ?? [])
            binding.HostIP = "127.0.0.1";
    }
}
