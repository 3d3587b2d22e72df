using System.Security.Cryptography;
using System.Text;
using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;
using SessionStores.Protection;
using StackExchange.Redis;

namespace SessionStores.AspNetCore.IntegrationTests.Protection;

/// <summary>What the server's own commands show of protected sessions holds neither an id nor anything of their content.</summary>
public sealed class DumpTests
{
    private const int Sessions = 1000;

    private static readonly List<(string Id, string Email, string Member)> People =
        [.. Enumerable.Range(0, Sessions).Select(i => ($"id-{i:D4}-{Guid.NewGuid():N}", $"person{i}@mail-{i:D4}.example.org", $"member_{i:D4}_{Guid.NewGuid():N}"))];

    public static TheoryData<string> Servers => ["Redis", "Postgres", "Mongo"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_dump_of_protected_sessions_holds_no_id_no_member_name_and_no_address(string provider)
    {
        await using var server = await ServerOf.StartAsync(provider);
        var options = new SessionProtectionOptions { HashSubjects = true };
        options.Keys.Add(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await using var store = new ProtectedStore(server.OpenStore(provider), options);
        await FillAsync(store);

        var dump = await DumpAsync(provider, server.ConnectionString!);

        Assert.Equal((0, 0, 0), Found(dump));
        Assert.True(dump.Length > 300 * Sessions, $"The dump has {dump.Length} characters.");
        Assert.Equal(Sessions, await store.LengthAsync());
        Assert.Equal(People.Select(person => person.Id).Order(), (await store.AllAsync().ToListAsync()).Select(record => record.Id).Order());
    }

    /// <summary>Or the test above would pass for a dump that looks elsewhere.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_dump_of_sessions_without_protection_holds_all_of_it(string provider)
    {
        await using var server = await ServerOf.StartAsync(provider);
        var store = server.OpenStore(provider);
        await FillAsync(store);

        var dump = await DumpAsync(provider, server.ConnectionString!);
        await store.CloseAsync();

        Assert.Equal((Sessions, Sessions, Sessions), Found(dump));
    }

    private static async Task FillAsync(ISessionStore store)
    {
        foreach (var chunk in People.Chunk(50))
        {
            await Task.WhenAll(chunk.Select(async person =>
            {
                var payload = Encoding.UTF8.GetBytes($$"""{"cookie":{"originalMaxAge":3600000},"{{person.Member}}":true,"email":"{{person.Email}}"}""");
                Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync(person.Id, new SessionContent(payload, TimeSpan.FromHours(1), person.Email))).Status);
            }));
        }
    }

    private static (int Ids, int Members, int Addresses) Found(string dump) => (
        People.Count(person => dump.Contains(person.Id, StringComparison.Ordinal)),
        People.Count(person => dump.Contains(person.Member, StringComparison.Ordinal)),
        People.Count(person => dump.Contains(person.Email, StringComparison.Ordinal)));

    private static Task<string> DumpAsync(string provider, string connection) => provider switch
    {
        "Redis" => DumpRedisAsync(connection),
        "Postgres" => DumpPostgresAsync(connection),
        _ => DumpMongoAsync(connection),
    };

    /// <summary>Every key with its value, as <c>redis-cli</c> reads them. <c>DUMP</c> and RDB files compress values, which would hide them.</summary>
    private static async Task<string> DumpRedisAsync(string connection)
    {
        using var client = await ConnectionMultiplexer.ConnectAsync(connection + ",syncTimeout=30000");
        var database = client.GetDatabase();
        var dump = new StringBuilder();
        await foreach (var key in client.GetServer(client.GetEndPoints()[0]).KeysAsync(pageSize: 1000))
        {
            dump.Append(key).Append(' ');
            switch (await database.KeyTypeAsync(key))
            {
                case RedisType.String:
                    dump.Append(await database.StringGetAsync(key));
                    break;
                case RedisType.SortedSet:
                    dump.AppendJoin(' ', await database.SortedSetRangeByRankAsync(key));
                    break;
                case var other:
                    Assert.Fail($"The store keeps a {other}, which this dump does not read.");
                    break;
            }

            dump.AppendLine();
        }

        return dump.ToString();
    }

    /// <summary>Every table by <c>COPY</c>, as <c>pg_dump</c> reads them.</summary>
    private static async Task<string> DumpPostgresAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var client = await source.OpenConnectionAsync();
        var tables = new List<string>();
        await using (var command = new NpgsqlCommand("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')", client))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }

        var dump = new StringBuilder();
        foreach (var table in tables)
        {
            using var copy = await client.BeginTextExportAsync($"COPY {table} TO STDOUT");
            dump.Append(await copy.ReadToEndAsync());
        }

        return dump.ToString();
    }

    /// <summary>Every document of every collection, as <c>mongodump</c> reads them.</summary>
    private static async Task<string> DumpMongoAsync(string connection)
    {
        using var client = new MongoClient(connection);
        var database = client.GetDatabase(new MongoUrl(connection).DatabaseName);
        var dump = new StringBuilder();
        foreach (var name in await (await database.ListCollectionNamesAsync()).ToListAsync())
        {
            foreach (var document in await database.GetCollection<BsonDocument>(name).Find(new BsonDocument()).ToListAsync())
                dump.AppendLine(document.ToJson());
        }

        return dump.ToString();
    }
}
