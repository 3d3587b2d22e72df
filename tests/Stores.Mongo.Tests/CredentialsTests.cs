using MongoDB.Driver;

namespace SessionStores.Mongo.Tests;

/// <summary>What the store signs in with may change while the application runs.</summary>
public sealed class CredentialsTests(MongoFixture fixture) : MongoTest(fixture)
{
    private volatile string _password = "first";

    [Fact]
    public async Task A_password_that_changes_while_the_application_runs_is_asked_for_and_refused_until_it_is_right()
    {
        await using var gate = new PasswordGate(Fixture.Backend.Server, _password);
        await using var store = Open(gate);
        await store.SetAsync("a", Content());
        Assert.NotNull(await store.GetAsync("a"));

        gate.Change("second");
        var refused = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a"));
        Assert.Equal(SessionStoreFault.Refused, refused.Fault);
        Assert.DoesNotContain("first", refused.ToString(), StringComparison.Ordinal);

        _password = "second";
        Assert.NotNull(await store.GetAsync("a"));

        gate.Change(_password = "third");
        Assert.True(await store.TouchAsync("a", In(120)));

        gate.Change(_password = "fourth");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async index => await store.SetAsync($"b{index}", Content(subject: "u"))));
        Assert.Equal(20, await store.DestroyBySubjectAsync("u"));
    }

    [Fact]
    public async Task A_source_of_credentials_that_fails_is_named()
    {
        await using var gate = new PasswordGate(Fixture.Backend.Server, _password);
        await using var store = new MongoStore(gate.ConnectionString, new MongoStoreOptions { Credentials = _ => throw new NotSupportedException("first") });

        var failure = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a"));

        Assert.Equal(SessionStoreFault.Refused, failure.Fault);
        Assert.Contains("MongoStoreOptions.Credentials threw NotSupportedException.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_for_a_client_of_the_application_are_refused()
    {
        var failure = Assert.Throws<ArgumentException>(() => new MongoStore(Collection, Options()));

        Assert.Contains("MongoStoreOptions.Credentials must be null for a client of the application", failure.Message, StringComparison.Ordinal);
    }

    private MongoStore Open(PasswordGate gate) => new(gate.ConnectionString, Options());

    private MongoStoreOptions Options() => new()
    {
        Database = Fixture.DatabaseName,
        Collection = Collection.CollectionNamespace.CollectionName,
        AutoRemove = AutoRemove.Disabled,
        OperationTimeout = TimeSpan.FromMinutes(1),
        Credentials = _ => ValueTask.FromResult(MongoCredential.CreatePlainCredential("$external", "ann", _password)),
    };
}
