using System.Text;
using MongoDB.Driver;
using Npgsql;
using StackExchange.Redis;

namespace SessionStores.AspNetCore.IntegrationTests.Costs;

/// <summary>What a read, a rotation and a log-out cost on the wire, counted between the store and its server.</summary>
public sealed class WireCostTests
{
    /// <summary>The least of so many counts: a driver now and then asks its server how it is.</summary>
    private const int Rounds = 20;

    private static readonly SessionContent Content = new(
        Encoding.UTF8.GetBytes($$"""{"cookie":{"originalMaxAge":null},"fill":"{{new string('x', 150)}}"}"""), DateTimeOffset.UtcNow.AddHours(1), "user");

    [Theory]
    [InlineData("Redis", 4, 1, 1)]
    [InlineData("Postgres", 1, 1, 1)]
    [InlineData("Mongo", 1, 3, 1)]
    public async Task A_read_a_rotation_and_a_log_out_take_so_many_commands(string provider, int read, int rotation, int logOut)
    {
        await using var server = await ServerOf.StartAsync(provider);
        var (host, port) = AddressOf(provider, server.ConnectionString!);
        using var proxy = new RecordingProxy(host, port);
        var store = server.OpenStore(provider, Through(provider, server.ConnectionString!, proxy.Port));
        await store.CreateAsync("read", Content);

        var costs = new[]
        {
            await CostAsync("read", read, proxy, provider, _ => default, async _ => Assert.NotNull(await store.GetAsync("read"))),
            await CostAsync(
                "rotation", rotation, proxy, provider, async round => await store.CreateAsync($"old{round}", Content),
                async round => Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync($"old{round}", $"new{round}", SessionVersion.Any, Content)).Status)),
            await CostAsync(
                "log-out", logOut, proxy, provider, async round => await store.CreateAsync($"out{round}", Content),
                async round => Assert.True(await store.DestroyAsync($"out{round}"))),
        };

        await store.CloseAsync();
        Assert.All(costs, cost => Assert.Equal(cost.Wanted, cost.Commands));
    }

    private static async Task<(int Wanted, int Commands)> CostAsync(
        string what, int wanted, RecordingProxy proxy, string provider, Func<int, ValueTask> prepare, Func<int, Task> run)
    {
        var (commands, sent, received) = (int.MaxValue, long.MaxValue, long.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            await prepare(round);
            proxy.Take();
            await run(round);
            var taken = proxy.Take();
            commands = Math.Min(commands, taken.Sent.Sum(bytes => WireProtocol.CountCommands(provider, bytes)));
            sent = Math.Min(sent, taken.Sent.Sum(bytes => (long)bytes.Length));
            received = Math.Min(received, taken.Received);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{provider}, {what} of {Content.Payload.Length} bytes: {commands} command(s), {sent} bytes sent, {received} bytes received");
        return (wanted, commands);
    }

    private static (string Host, int Port) AddressOf(string provider, string connection)
    {
        switch (provider)
        {
            case "Redis":
                var options = ConfigurationOptions.Parse(connection);
                var address = (System.Net.IPEndPoint)options.EndPoints[0];
                return (address.Address.ToString(), address.Port);
            case "Postgres":
                var settings = new NpgsqlConnectionStringBuilder(connection);
                return (settings.Host!, settings.Port);
            default:
                var url = new MongoUrl(connection);
                return (url.Server.Host, url.Server.Port);
        }
    }

    private static string Through(string provider, string connection, int port)
    {
        var (host, old) = AddressOf(provider, connection);
        return provider == "Postgres"
            ? new NpgsqlConnectionStringBuilder(connection) { Host = "127.0.0.1", Port = port }.ConnectionString
            : connection.Replace($"{host}:{old}", $"127.0.0.1:{port}", StringComparison.Ordinal);
    }
}
