using System.Diagnostics;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace SessionStores.Backends.Tests;

/// <summary>What a killed run leaves is gone when the next one has started its servers.</summary>
public sealed class KilledRunTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Tests_that_were_killed_leave_no_container_network_or_process_to_the_next_run()
    {
        await SkipWithoutEngineAsync();
        using var client = ContainerEngine.Connect();
        var networks = await NetworksAsync(client);
        using var killed = await OtherRun.StartAsync(containers: true, waits: true);
        var processes = ProcessTree.Descendants(killed.Process.Id);
        var containers = await ContainersOfAsync(client, killed);

        killed.Process.Kill(entireProcessTree: false);
        await killed.Process.WaitForExitAsync(None);
        Assert.NotEmpty(processes);
        Assert.True(containers >= 3, $"The killed run had {containers} containers; three of Redis were started.");
        await AssertNothingIsLeftAsync(client, killed, processes, networks);
    }

    [Fact]
    public async Task Tests_that_outlive_their_killed_run_are_ended_by_the_next_run_with_all_that_they_started()
    {
        await SkipWithoutEngineAsync();
        using var client = ContainerEngine.Connect();
        var networks = await NetworksAsync(client);
        // Ends with this process at the latest, by the end of its input.
        using var run = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
        using var left = await OtherRun.StartAsync(containers: true, waits: true, run.Id);
        var processes = ProcessTree.Descendants(left.Process.Id);

        run.Kill();
        await run.WaitForExitAsync(None);
        Assert.False(left.Process.HasExited);
        await AssertNothingIsLeftAsync(client, left, processes, networks);
    }

    private static async Task SkipWithoutEngineAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the parent-death signal and /proc of Linux");
        var reason = await ContainerEngine.WhyNotAsync(ContainerImages.Redis, None);
        Assert.SkipWhen(reason is not null, reason ?? "");
        await using var local = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Binary }, None);
        Assert.SkipUnless(local.IsAvailable, local.Reason);
    }

    /// <summary>Lets another run start and end, and looks at what both of them have left.</summary>
    private static async Task AssertNothingIsLeftAsync(IDockerClient client, OtherRun first, IReadOnlyList<int> processes, IReadOnlyList<string> networks)
    {
        using var next = await OtherRun.StartAsync(containers: true, waits: false);
        Assert.False(ProcessTree.Exists(first.Process.Id));
        Assert.Equal(0, await ContainersOfAsync(client, first));
        await next.Process.WaitForExitAsync(None);

        Assert.Equal(0, await ContainersOfAsync(client, next));
        Assert.Empty((await NetworksAsync(client)).Except(networks));
        await Wait.UntilAsync(
            () => !processes.Append(next.Server).Any(ProcessTree.Exists), TimeSpan.FromSeconds(30), "the local servers of both runs to be gone", None);
    }

    private static async Task<int> ContainersOfAsync(IDockerClient client, OtherRun run) =>
        (await client.Containers.ListContainersAsync(new ContainersListParameters
        {
            All = true,
            Filters = ContainerEngine.Filter("label", $"{ContainerEngine.ProcessLabel}={run.Process.Id}"),
        })).Count;

    // Those of Testcontainers, with which containers are started here.
    private static async Task<IReadOnlyList<string>> NetworksAsync(IDockerClient client) =>
        [.. (await client.Networks.ListNetworksAsync(new NetworksListParameters { Filters = ContainerEngine.Filter("label", "org.testcontainers") })).Select(network => network.ID)];
}
