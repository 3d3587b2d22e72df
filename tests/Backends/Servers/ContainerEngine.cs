using System.Globalization;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;

namespace SessionStores.Backends;

/// <summary>The Docker engine of this machine.</summary>
internal static class ContainerEngine
{
    /// <summary>The label of our containers, which holds the id of the process that started them.</summary>
    public const string ProcessLabel = "sessionstores.process";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static int _swept;

    /// <summary>Connects to the engine that Testcontainers uses.</summary>
    public static IDockerClient Connect() => TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder().Build();

    /// <summary>Why a container of an image cannot run here: no engine answers, or the image is neither there nor to be had. Null when it can.</summary>
    public static async Task<string?> WhyNotAsync(string image, CancellationToken cancellationToken)
    {
        image = ContainerImages.FullName(image);
        if (TestcontainersSettings.OS.DockerEndpointAuthConfig is null)
            return "no Docker engine is configured";
        using var client = Connect();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await client.System.PingAsync(patience.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no Docker engine answers ({exception.GetType().Name})";
        }

        if (Interlocked.Exchange(ref _swept, 1) == 0)
            await SweepAsync(client, cancellationToken);
        try
        {
            await client.Images.InspectImageAsync(image, cancellationToken);
            return null;
        }
        catch (DockerImageNotFoundException)
        {
            return await PullAsync(client, image, cancellationToken);
        }
    }

    /// <summary>Removes a container, running or not.</summary>
    public static async Task RemoveAsync(IDockerClient client, string id, CancellationToken cancellationToken = default)
    {
        try
        {
            await client.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, cancellationToken);
        }
        catch (DockerContainerNotFoundException)
        {
            // Another process was first.
        }
    }

    /// <summary>Removes the containers that killed runs have left.</summary>
    public static async Task SweepAsync(IDockerClient client, CancellationToken cancellationToken)
    {
        var parameters = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = new Dictionary<string, bool> { [ProcessLabel] = true } },
        };
        foreach (var container in await client.Containers.ListContainersAsync(parameters, cancellationToken))
        {
            if (int.TryParse(container.Labels[ProcessLabel], CultureInfo.InvariantCulture, out var process) && !ProcessTree.Exists(process))
                await RemoveAsync(client, container.ID, cancellationToken);
        }
    }

    private static async Task<string?> PullAsync(IDockerClient client, string image, CancellationToken cancellationToken)
    {
        var colon = image.LastIndexOf(':');
        var parameters = new ImagesCreateParameters { FromImage = image[..colon], Tag = image[(colon + 1)..] };
        try
        {
            await client.Images.CreateImageAsync(parameters, null, new Progress<JSONMessage>(), cancellationToken);
            await client.Images.InspectImageAsync(image, cancellationToken);
            return null;
        }
        catch (DockerApiException exception)
        {
            return $"the image {image} could not be pulled ({exception.StatusCode})";
        }
    }
}
