using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo.Tests;

public sealed class MongoStoreOptionsTests
{
    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var exception = Assert.Throws<ArgumentException>(() => new Builder().UseMongo("mongodb://localhost", options =>
        {
            options.Database = "a b";
            options.Collection = "system.x";
            options.AutoRemove = (AutoRemove)9;
            options.TouchAfter = TimeSpan.FromSeconds(-1);
            options.WriteConcern = WriteConcern.Unacknowledged;
            options.Decryption.Add(null!);
            options.MaxPayloadBytes = 1;
            options.OperationTimeout = TimeSpan.Zero;
        }));

        Assert.Equal(
            "MongoStoreOptions: Database must be 1 to 63 bytes without /\\. \"$*<>:|?, but is \"a b\". "
            + "Collection must be 1 to 120 bytes without $ that do not begin with \"system.\", but is \"system.x\". "
            + "AutoRemove must be one of Native, Interval, Disabled, but is 9. "
            + "TouchAfter must be 00:00:00 to 365.00:00:00, but is -00:00:01. "
            + "WriteConcern must be acknowledged by the server, but is w: 0. "
            + "Decryption must not contain null. "
            + "MaxPayloadBytes must be 2 to 8,388,608, but is 1. "
            + "OperationTimeout must be 00:00:00.0100000 to 01:00:00, but is 00:00:00.",
            exception.Message);
    }

    [Fact]
    public void Later_changes_to_the_options_do_not_reach_the_store()
    {
        var options = new MongoStoreOptions();
        var copy = options.Copy();

        options.AutoRemove = AutoRemove.Interval;
        options.Decryption.Add(new KrupteinEncryption("squirrel"));

        Assert.Equal(AutoRemove.Native, copy.AutoRemove);
        Assert.Empty(copy.Decryption);
    }

    [Theory]
    [InlineData("postgres://user:s3cret@host/db")]
    [InlineData("mongodb://user:s3cret@")]
    [InlineData("mongodb://user:s3cret@host:port:x/?w=z&y")]
    [InlineData("s3cret")]
    public void An_invalid_connection_string_is_refused_in_the_call_and_not_quoted(string text)
    {
        var exception = Assert.Throws<ArgumentException>(() => new Builder().UseMongo(text));

        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_needs_a_database()
    {
        using var client = new MongoClient("mongodb://127.0.0.1:1");

        var exception = Assert.Throws<ArgumentException>(() => new Builder().UseMongo(client, options => options.Collection = "x"));

        Assert.Contains("Database must be set", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_way_to_name_the_server_creates_a_store()
    {
        using var client = new MongoClient("mongodb://127.0.0.1:1");
        var database = client.GetDatabase("d");
        Action<Builder>[] ways =
        [
            builder => builder.UseMongo("mongodb://127.0.0.1:1/d"),
            builder => builder.UseMongo(client, options => options.Database = "d"),
            builder => builder.UseMongo(database),
            builder => builder.UseMongo(services => services.GetService(typeof(IMongoDatabase)) is null ? database : throw new InvalidOperationException()),
            builder => builder.UseMongo(database.GetCollection<BsonDocument>("c")),
        ];

        foreach (var way in ways)
        {
            var builder = new Builder();
            way(builder);
            var store = Assert.IsType<MongoStore>(builder.Create!(builder));
            await store.DisposeAsync();
        }

        Assert.NotNull(client.Cluster);
    }

    [Fact]
    public async Task A_server_name_that_cannot_be_looked_up_is_unavailable_and_the_connection_string_is_not_quoted()
    {
        await using var store = new MongoStore("mongodb+srv://user:s3cret@nowhere.invalid/d", new MongoStoreOptions { OperationTimeout = TimeSpan.FromMilliseconds(500) });

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a"));

        Assert.Equal(SessionStoreFault.Unavailable, exception.Fault);
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    private sealed class Builder : ISessionStoresBuilder, IServiceProvider
    {
        public string Name => "";

        public Func<IServiceProvider, ISessionStore>? Create { get; private set; }

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create)
        {
            Create = create;
            return this;
        }

        public object? GetService(Type serviceType) => null;

        public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate) => this;
    }
}
