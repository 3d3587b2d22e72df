using System.Security.Cryptography;
using MongoDB.Driver;
using Npgsql;
using SessionStores.Postgres;

namespace SessionStores.Tool;

/// <summary>A prefix, table or collection that no application uses.</summary>
internal static class OwnPlace
{
    public static string NewName(string purpose) => $"sessionstores_{purpose}_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>The settings of a store with its sessions there.</summary>
    public static IEnumerable<(string Name, string Value)> Settings(string provider, string place) => provider switch
    {
        "Redis" => [("KeyPrefix", $"{place}:"), ("SubjectPrefix", $"subject:{place}:")],
        "Postgres" => [("Table", place), ("CreateIfMissing", "true")],
        "Mongo" => [("Collection", place)],
        _ => [],
    };

    /// <summary>Removes what is left there without sessions: the table or the collection. Keys of Redis go with the sessions.</summary>
    public static async Task RemoveAsync(OpenStore store)
    {
        switch (store.Provider)
        {
            case "Postgres":
                var schema = store.Setting("Schema", "");
                await using (var source = NpgsqlDataSource.Create(PostgresConnection.Parse(store.Connection)))
                await using (var command = source.CreateCommand($"DROP TABLE IF EXISTS {new PostgresCommands.Names(schema.Length == 0 ? null : schema, store.Setting("Table", "")).Table}"))
                    await command.ExecuteNonQueryAsync();

                break;
            case "Mongo":
                var url = MongoUrl.Create(store.Connection);
                using (var client = new MongoClient(url))
                    await client.GetDatabase(store.Setting("Database", url.DatabaseName ?? "test")).DropCollectionAsync(store.Setting("Collection", ""));

                break;
        }
    }
}
