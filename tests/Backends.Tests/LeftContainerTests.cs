using System.Diagnostics;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace SessionStores.Backends.Tests;

public sealed class LeftContainerTests
{
    [Fact]
    public async Task Containers_of_a_run_that_was_killed_are_removed_and_those_of_a_running_one_are_not()
    {
        var reason = await ContainerEngine.WhyNotAsync(ContainerImages.Redis, CancellationToken.None);
        Assert.SkipWhen(reason is not null, reason ?? "");
        using var client = ContainerEngine.Connect();
        using var ended = Process.Start("true");
        await ended.WaitForExitAsync(CancellationToken.None);
        var left = await CreateAsync(client, ended.Id);
        var own = await CreateAsync(client, Environment.ProcessId);

        await ContainerEngine.SweepAsync(client, CancellationToken.None);

        await Assert.ThrowsAsync<DockerContainerNotFoundException>(() => client.Containers.InspectContainerAsync(left));
        Assert.Equal(own, (await client.Containers.InspectContainerAsync(own)).ID);
        await ContainerEngine.RemoveAsync(client, own);
    }

    private static async Task<string> CreateAsync(IDockerClient client, int process) =>
        (await client.Containers.CreateContainerAsync(new CreateContainerParameters
        {
            Image = ContainerImages.FullName(ContainerImages.Redis),
            Labels = new Dictionary<string, string> { [ContainerEngine.ProcessLabel] = $"{process}" },
        })).ID;
}
