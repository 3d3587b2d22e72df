using Microsoft.Extensions.DependencyInjection;
using SessionStores.Configuration;

namespace SessionStores.Redis;

/// <summary>Sets up <see cref="RedisStore"/> from settings: all of <see cref="RedisStoreOptions"/> except the payload transform, which is
/// code. The connection is a configuration string of StackExchange.Redis.</summary>
public sealed class RedisStoreProvider : ISessionStoreProvider
{
    /// <inheritdoc/>
    public string Name => "Redis";

    /// <inheritdoc/>
    public void Configure(ISessionStoresBuilder builder, SessionStoreSettings settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(settings);

        // First on their own, so that they are checked even where the connection is a problem too.
        var options = new RedisStoreOptions();
        Read(settings, options);
        settings.Attempt(options.Validate);
        if (settings.RequireConnection("localhost:6379") is { } connection)
            settings.Attempt(() => builder.UseRedis(connection, own => Read(settings, own)));
    }

    private static void Read(SessionStoreSettings settings, RedisStoreOptions options)
    {
        settings.Text(nameof(options.KeyPrefix), value => options.KeyPrefix = value);
        settings.Text(nameof(options.SubjectPrefix), value => options.SubjectPrefix = value);
        settings.WholeNumber(nameof(options.Database), (int value) => options.Database = value);
        settings.Switch(nameof(options.DisableTouch), value => options.DisableTouch = value);
        settings.Switch(nameof(options.DisableExpiry), value => options.DisableExpiry = value);
        settings.Switch(nameof(options.KeepExpired), value => options.KeepExpired = value);
        settings.WholeNumber(nameof(options.ScanCount), (int value) => options.ScanCount = value);
        settings.WholeNumber(nameof(options.MaxPayloadBytes), (int value) => options.MaxPayloadBytes = value);
        settings.Duration(nameof(options.OperationTimeout), value => options.OperationTimeout = value);
        settings.Switch(nameof(options.ShareRoundTrips), value => options.ShareRoundTrips = value);
        settings.WholeNumber(nameof(options.MinReplicas), (int value) => options.MinReplicas = value);
        settings.Duration(nameof(options.ReplicaTimeout), value => options.ReplicaTimeout = value);
    }
}
