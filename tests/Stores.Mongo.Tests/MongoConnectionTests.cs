using System.Text;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Backends;

namespace SessionStores.Mongo.Tests;

/// <summary>What a store does without a server.</summary>
public sealed class MongoConnectionTests
{
    private const string Nowhere = "mongodb://user:s3cret@127.0.0.1:1/d";

    [Fact]
    public async Task A_call_that_failed_is_logged_with_its_fault_and_without_ids_or_the_connection_string()
    {
        var log = new Lines();
        await using var store = new MongoStore(Nowhere, new MongoStoreOptions { OperationTimeout = TimeSpan.FromMilliseconds(100) }, logger: log);

        await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("private-id"));

        var (level, id, text) = Assert.Single(log.All);
        Assert.Equal((LogLevel.Warning, 4001, "Get failed: Unavailable (TimeoutException)."), (level, id.Id, text));
    }

    [Theory]
    [InlineData("localhost:27017")]
    [InlineData("http://s3cret@host:27017")]
    [InlineData("mongodb://user:s3cret@ho st")]
    [InlineData("mongodb://user:s3cr/et@host")]
    [InlineData("mongodb://host:s3cret")]
    [InlineData("mongodb://host/?authMechanism=s3cret")]
    [InlineData("mongodb://host/?authMechanism=SCRAM-SHA-256&authSource=s3cret")]
    [InlineData("mongodb://s3cret@host")]
    [InlineData("mongodb://host/?maxPoolSize=-1")]
    [InlineData("mongodb+srv://s3cret:27017")]
    public void A_connection_string_that_cannot_work_is_refused_at_start_and_not_quoted(string connectionString)
    {
        var exception = Assert.Throws<ArgumentException>(() => new MongoStore(connectionString));

        Assert.Contains("must be one of MongoDB, such as mongodb://", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_named_as_the_cause()
    {
        await using var server = new UntrustedServer();
        await using var store = new MongoStore(
            $"mongodb://{server.EndPoint}/?tls=true", new MongoStoreOptions { OperationTimeout = TimeSpan.FromSeconds(3) });

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a"));

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains("The TLS connection to the MongoDB server failed: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_its_caller_cancelled_is_not_logged()
    {
        var log = new Lines();
        await using var store = new MongoStore(Nowhere, logger: log);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.GetAsync("a", cancellationToken: new CancellationToken(canceled: true)));

        Assert.Empty(log.All);
    }

    [Fact]
    public async Task A_disposed_store_refuses_every_call()
    {
        using var client = new MongoClient("mongodb://127.0.0.1:1");
        var content = new SessionContent(Encoding.UTF8.GetBytes("{}"), SessionExpiry.Never);
        foreach (var store in new[] { new MongoStore(client.GetDatabase("d").GetCollection<BsonDocument>("c")), new MongoStore(Nowhere) })
        {
            await store.DisposeAsync();
            await store.DisposeAsync();
            Func<Task>[] calls =
            [
                async () => await store.GetAsync("a"),
                async () => await store.CreateAsync("a", content),
                async () => await store.ReplaceAsync("a", SessionVersion.Any, content),
                async () => await store.SetAsync("a", content),
                async () => await store.TouchAsync("a", SessionExpiry.Never),
                async () => await store.DestroyAsync("a"),
                async () => await store.RotateAsync("a", "b", SessionVersion.Any, content),
                async () => await store.SetUpAsync(),
                async () => await store.AllAsync().ToListAsync(),
                async () => await store.LengthAsync(),
                async () => await store.ClearAsync(),
                async () => await store.ListBySubjectAsync("u").ToListAsync(),
                async () => await store.DestroyBySubjectAsync("u"),
                async () => await store.PruneAsync(),
            ];

            foreach (var call in calls)
                await Assert.ThrowsAsync<ObjectDisposedException>(call);
        }
    }

    private sealed class Lines : ILogger<MongoStore>
    {
        public List<(LogLevel Level, EventId Id, string Text)> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add((logLevel, eventId, formatter(state, exception)));
    }
}
