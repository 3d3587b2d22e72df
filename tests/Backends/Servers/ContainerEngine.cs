using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;

namespace SessionStores.Backends;

/// <summary>The Docker engine of this machine.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Connects to the engine that Testcontainers uses.</summary>
    public static IDockerClient Connect() => TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder().Build();

    /// <summary>Why a container of an image cannot run here: no engine answers, or the image is neither there nor to be had. Null when it can.</summary>
    public static async Task<string?> WhyNotAsync(string image, CancellationToken cancellationToken)
    {
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
