using System.Net.Sockets;
using Npgsql;

namespace SessionStores.Backends;

/// <summary>
/// Tries the sources in order. A source that is not there adds its reason and yields nothing; a source that is there and fails throws,
/// since a broken server must not look like an absent one.
/// </summary>
internal sealed class BackendAcquisition<TBackend>(string name, BackendOptions options)
    where TBackend : Backend
{
    private readonly List<string> _reasons = [];

    public required Func<BackendAcquisition<TBackend>, Task<TBackend?>> FromConnectionString { get; init; }

    public required Func<BackendAcquisition<TBackend>, Task<TBackend?>> FromContainer { get; init; }

    public required Func<BackendAcquisition<TBackend>, Task<TBackend?>> FromBinary { get; init; }

    /// <summary>Notes why a source is not there.</summary>
    public TBackend? NotThere(string reason)
    {
        _reasons.Add(reason);
        return null;
    }

    public async Task<BackendLease<TBackend>> RunAsync()
    {
        var sources = options.Sources & SourcesOfRun();
        TBackend? backend = null;
        if (options.NeedsOwnServer)
            sources &= BackendSources.Controlled;
        if (sources.HasFlag(BackendSources.ConnectionString))
            backend = await UseConnectionStringAsync();
        if (backend is null && sources.HasFlag(BackendSources.Container))
            backend = await FromContainer(this);
        if (backend is null && sources.HasFlag(BackendSources.Binary))
            backend = await FromBinary(this);

        if (backend is not null)
        {
            await backend.DescribeAsync(CancellationToken.None);
            BackendSummary.List.AddUsed(name, backend.Description);
            return new BackendLease<TBackend>(name, backend, "");
        }

        if (_reasons.Count == 0)
            _reasons.Add($"no source is allowed (asked for: {options.Sources}; SESSIONSTORES_SOURCES allows: {SourcesOfRun()})");
        var reason = $"{name} is not available: {string.Join("; ", _reasons)}.";
        BackendSummary.List.AddNotRun(name, string.Join("; ", _reasons));
        if (IsRequired(name))
            throw new BackendUnavailableException($"SESSIONSTORES_REQUIRE names {name}, but {reason}");
        return new BackendLease<TBackend>(name, null, reason);
    }

    private async Task<TBackend?> UseConnectionStringAsync()
    {
        try
        {
            return await FromConnectionString(this);
        }
        catch (Exception exception) when (exception is SocketException or IOException or NpgsqlException or RespErrorException)
        {
            throw new BackendStartException($"The {name} server that the environment names did not answer: {exception.Message}", exception);
        }
    }

    private static bool IsRequired(string name) =>
        Listed("SESSIONSTORES_REQUIRE").Contains(name, StringComparer.OrdinalIgnoreCase);

    private static BackendSources SourcesOfRun()
    {
        var listed = Listed("SESSIONSTORES_SOURCES");
        var sources = BackendSources.None;
        foreach (var word in listed)
        {
            if (!Enum.TryParse<BackendSources>(word, ignoreCase: true, out var source))
                throw new BackendStartException($"SESSIONSTORES_SOURCES must list connectionstring, container or binary, but holds '{word}'.");
            sources |= source;
        }

        return listed.Length == 0 ? BackendSources.Any : sources;
    }

    private static string[] Listed(string variable) =>
        (Environment.GetEnvironmentVariable(variable) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
