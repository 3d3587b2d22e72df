using System.Globalization;
using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;

namespace SessionStores.Backends;

/// <summary>The Docker engine of this machine.</summary>
internal static class ContainerEngine
{
    /// <summary>The label of our containers, which holds the id of the process that started them.</summary>
    public const string ProcessLabel = "sessionstores.process";

    private static int _swept;

    /// <summary>Connects to the engine that Testcontainers uses.</summary>
    public static IDockerClient Connect() => TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder().Build();

    /// <summary>Why a container of an image cannot run here: no engine runs, or the image is neither there nor can be pulled. Null when it can.</summary>
    public static async Task<string?> WhyNotAsync(string image, CancellationToken cancellationToken)
    {
        if (TestcontainersSettings.OS.DockerEndpointAuthConfig is null)
            return "no Docker engine is configured";
        using var client = Connect();
        try
        {
            await client.System.PingAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no Docker engine can be reached ({exception.GetType().Name})";
        }

        if (Interlocked.Exchange(ref _swept, 1) == 0)
            await SweepAsync(client, cancellationToken);
        image = ContainerImages.FullName(image);
        try
        {
            await client.Images.InspectImageAsync(image, cancellationToken);
            return null;
        }
        catch (DockerImageNotFoundException)
        {
            // It may be in a registry.
        }

        try
        {
            await client.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = image }, null, new Progress<JSONMessage>(), cancellationToken);
            return null;
        }
        catch (DockerApiException exception)
        {
            return $"the image {image} could not be pulled ({exception.StatusCode})";
        }
    }

    /// <summary>Removes a container, running or not.</summary>
    public static async Task RemoveAsync(IDockerClient client, string id, CancellationToken cancellationToken = default)
    {
        try
        {
            await client.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, cancellationToken);
        }
        catch (DockerApiException exception) when (exception.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // Another process has removed it, or is about to: several sweep what a killed run has left.
        }
    }

    /// <summary>Removes the containers that killed runs have left.</summary>
    public static async Task SweepAsync(IDockerClient client, CancellationToken cancellationToken)
    {
        var ours = new ContainersListParameters { All = true, Filters = Filter("label", ProcessLabel) };
        foreach (var container in await client.Containers.ListContainersAsync(ours, cancellationToken))
        {
            if (int.TryParse(container.Labels[ProcessLabel], CultureInfo.InvariantCulture, out var process) && !ProcessTree.Exists(process))
                await RemoveAsync(client, container.ID, cancellationToken);
        }
    }

    public static Dictionary<string, IDictionary<string, bool>> Filter(string name, string value) =>
        new() { [name] = new Dictionary<string, bool> { [value] = true } };
}
