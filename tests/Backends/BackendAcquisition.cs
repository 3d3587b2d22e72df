using System.Net.Sockets;
using MongoDB.Driver;
using Npgsql;

namespace SessionStores.Backends;

/// <summary>
/// Tries the sources in order: connection string, container, local binary. A source that is not available adds its reason; one that is available
/// and fails throws, since a broken server must not look like an absent one.
/// </summary>
internal sealed class BackendAcquisition<TBackend>(string name, BackendOptions options, CancellationToken cancellationToken)
    where TBackend : Backend
{
    private readonly List<string> _reasons = [];

    /// <summary>The environment variable that may hold a connection string; null when the tests always start the backend themselves.</summary>
    public string? Variable { get; init; }

    /// <summary>Connects to the server of a connection string.</summary>
    public Func<string, Task<TBackend>>? Connect { get; init; }

    /// <summary>The images to run, the best one first.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Finds the local binary, or says why it is missing.</summary>
    public required Func<(string? Binary, string WhyNot)> FindBinary { get; init; }

    /// <summary>Starts the servers from an image or a binary. They are disposed when it throws.</summary>
    public required Func<ServerSource, Task<TBackend>> Start { get; init; }

    public async Task<BackendLease<TBackend>> RunAsync()
    {
        await KilledRuns.EndAsync();
        var allowed = ReadAllowedSources();
        var sources = options.Sources & allowed & (options.NeedsOwnServer ? BackendSources.Controlled : BackendSources.Any);
        TBackend? backend = null;
        if (sources.HasFlag(BackendSources.ConnectionString))
            backend = await FromConnectionStringAsync();
        if (backend is null && sources.HasFlag(BackendSources.Container) && await FindImageAsync() is { } image)
            backend = await StartAsync(new ServerSource(image, ""));
        if (backend is null && sources.HasFlag(BackendSources.Binary))
        {
            var (binary, whyNot) = FindBinary();
            if (binary is not null)
                backend = await StartAsync(new ServerSource("", binary));
            else
                _reasons.Add(whyNot);
        }

        if (backend is not null)
        {
            BackendSummary.OfProcess.AddUsed(name, backend.Description);
            return new BackendLease<TBackend>(name, backend, "");
        }

        var reason = sources == BackendSources.None
            ? $"no source is allowed (asked for: {options.Sources}; SESSIONSTORES_SOURCES allows: {allowed})"
            : string.Join("; ", _reasons);
        BackendSummary.OfProcess.AddNotRun(name, reason);
        reason = $"{name} is not available: {reason}.";
        if (ReadList("SESSIONSTORES_REQUIRE").Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new BackendUnavailableException($"SESSIONSTORES_REQUIRE names {name}, but {reason}");
        return new BackendLease<TBackend>(name, null, reason);
    }

    private async Task<TBackend?> FromConnectionStringAsync()
    {
        if (Variable is null || Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
        {
            _reasons.Add(Variable is null ? "it takes no connection string, as tests change its servers" : $"{Variable} is not set");
            return null;
        }

        try
        {
            return await WithVersionAsync(await Connect!(text));
        }
        catch (Exception exception) when (exception is SocketException or IOException or TimeoutException or NpgsqlException or MongoException or RespErrorException)
        {
            throw new BackendStartException($"The {name} server of {Variable} cannot be reached: {exception.Message}", exception);
        }
    }

    private async Task<string?> FindImageAsync()
    {
        foreach (var image in Images)
        {
            if (await ContainerEngine.WhyNotAsync(image, cancellationToken) is not { } reason)
                return image;
            if (!_reasons.Contains(reason))
                _reasons.Add(reason);
        }

        return null;
    }

    private async Task<TBackend> StartAsync(ServerSource source)
    {
        TBackend? backend = null;
        try
        {
            backend = await Start(source);
            return await WithVersionAsync(backend);
        }
        catch
        {
            await source.DisposeStartedAsync();
            if (backend is not null)
                await backend.DisposeAsync();
            throw;
        }
    }

    private async Task<TBackend> WithVersionAsync(TBackend backend)
    {
        backend.Description += $", {await backend.ReadVersionAsync(cancellationToken)}";
        return backend;
    }

    private static BackendSources ReadAllowedSources()
    {
        var words = ReadList("SESSIONSTORES_SOURCES");
        var sources = words.Length == 0 ? BackendSources.Any : BackendSources.None;
        foreach (var word in words)
        {
            if (!Enum.TryParse<BackendSources>(word, ignoreCase: true, out var source))
                throw new BackendStartException($"SESSIONSTORES_SOURCES must list connectionstring, container or binary, but holds '{word}'.");
            sources |= source;
        }

        return sources;
    }

    private static string[] ReadList(string variable) =>
        (Environment.GetEnvironmentVariable(variable) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
