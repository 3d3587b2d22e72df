using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Driver;
using SessionStores.Configuration;

namespace SessionStores.Mongo;

/// <summary>Configures <see cref="MongoStore"/> from settings: those of <see cref="MongoStoreOptions"/> except encryption and the
/// transformation of ids, which are code. <c>WriteConcern</c> is <c>majority</c>, another name that the server knows, or a number of servers.
/// The connection is a MongoDB connection string.</summary>
public sealed class MongoStoreProvider : ISessionStoreProvider
{
    /// <inheritdoc/>
    public string Name => "Mongo";

    /// <inheritdoc/>
    public void Configure(ISessionStoresBuilder builder, SessionStoreSettings settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(settings);

        // Checked separately first, so that their problems are reported even if the connection is a problem too.
        var options = new MongoStoreOptions();
        Read(settings, options);
        settings.Attempt(options.Validate);
        if (settings.RequireConnection("mongodb://localhost:27017/app") is { } connection)
            settings.Attempt(() => builder.UseMongo(connection, own => Read(settings, own)));
    }

    private static void Read(SessionStoreSettings settings, MongoStoreOptions options)
    {
        settings.Text(nameof(options.Database), value => options.Database = value);
        settings.Text(nameof(options.Collection), value => options.Collection = value);
        settings.Switch(nameof(options.Stringify), value => options.Stringify = value);
        settings.Choice<AutoRemove>(nameof(options.AutoRemove), value => options.AutoRemove = value);
        settings.Duration(nameof(options.TouchAfter), value => options.TouchAfter = value);
        settings.Switch(nameof(options.Timestamps), value => options.Timestamps = value);
        settings.Switch(nameof(options.Keys), value => options.Keys = value);
        settings.Text(nameof(options.WriteConcern), value => options.WriteConcern = WriteConcernOf(value) ?? options.WriteConcern);
        settings.WholeNumber(nameof(options.MaxPayloadBytes), (int value) => options.MaxPayloadBytes = value);
        settings.Duration(nameof(options.OperationTimeout), value => options.OperationTimeout = value);
        settings.Switch(nameof(options.ShareRoundTrips), value => options.ShareRoundTrips = value);
    }

    private static WriteConcern? WriteConcernOf(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var servers))
            return new WriteConcern(servers);

        return text.Length == 0 ? null : new WriteConcern(text);
    }
}
