using Microsoft.Extensions.DependencyInjection;
using SessionStores.Configuration;

namespace SessionStores.Postgres;

/// <summary>Sets up <see cref="PostgresStore"/> from settings: those of <see cref="PostgresStoreOptions"/>. The connection is an Npgsql
/// connection string.</summary>
public sealed class PostgresStoreProvider : ISessionStoreProvider
{
    /// <inheritdoc/>
    public string Name => "Postgres";

    /// <inheritdoc/>
    public void Configure(ISessionStoresBuilder builder, SessionStoreSettings settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(settings);

        // First without the connection, so that they are checked even where the connection is invalid too.
        var options = new PostgresStoreOptions();
        Read(settings, options);
        settings.Attempt(options.Validate);
        if (settings.RequireConnection("Host=localhost;Username=app;Password=...;Database=app") is { } connection)
            settings.Attempt(() => builder.UsePostgres(connection, own => Read(settings, own)));
    }

    private static void Read(SessionStoreSettings settings, PostgresStoreOptions options)
    {
        settings.Text(nameof(options.Schema), value => options.Schema = value);
        settings.Text(nameof(options.Table), value => options.Table = value);
        settings.Switch(nameof(options.CreateIfMissing), value => options.CreateIfMissing = value);
        settings.Switch(nameof(options.DisableTouch), value => options.DisableTouch = value);
        settings.Duration(nameof(options.TimeToLive), value => options.TimeToLive = value);
        settings.WholeNumber(nameof(options.MaxPayloadBytes), (int value) => options.MaxPayloadBytes = value);
        settings.Duration(nameof(options.OperationTimeout), value => options.OperationTimeout = value);
        settings.Duration(nameof(options.SetUpTimeout), value => options.SetUpTimeout = value);
        settings.Text(nameof(options.ExpireTimeZone), value => options.ExpireTimeZone = value);
        settings.Switch(nameof(options.Epochs), value => options.Epochs = value);
        settings.Switch(nameof(options.Keys), value => options.Keys = value);
        settings.Switch(nameof(options.PrepareStatements), value => options.PrepareStatements = value);
        settings.Switch(nameof(options.ShareRoundTrips), value => options.ShareRoundTrips = value);
    }
}
