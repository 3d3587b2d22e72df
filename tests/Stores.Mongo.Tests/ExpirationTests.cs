using MongoDB.Bson;

namespace SessionStores.Mongo.Tests;

/// <summary>What peers and other configurations do to documents that are claimed.</summary>
public sealed class ExpirationTests(MongoFixture fixture) : MongoTest(fixture)
{
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(AutoRemove.Native, false)]
    [InlineData(AutoRemove.Interval, true)]
    [InlineData(AutoRemove.Disabled, false)]
    public async Task Expired_sessions_are_handed_out_only_with_an_interval(AutoRemove autoRemove, bool isOffered)
    {
        var store = Open(options => options.AutoRemove = autoRemove);

        Assert.Equal(isOffered, ((ISessionStore)store).GetCapability<ISessionExpirations>() is not null);
        if (!isOffered)
        {
            var exception = await Assert.ThrowsAsync<NotSupportedException>(async () => await store.ClaimExpiredAsync(1, Lease));
            Assert.Contains("AutoRemove.Interval", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_confirmation_leaves_what_a_peer_has_written_over_the_claim()
    {
        var store = await WithExpiredAsync();
        var claimed = await store.ClaimExpiredAsync(10, Lease);

        await ConnectMongo.SetAsync(Collection, "a", Json, In(60));
        await store.ConfirmExpiredAsync(claimed);

        Assert.Equal(Json, Text(await store.GetAsync("a")));
    }

    [Fact]
    public async Task A_new_session_under_the_id_of_a_claim_is_claimed_itself_when_it_expires()
    {
        var store = await WithExpiredAsync();
        var first = Assert.Single(await store.ClaimExpiredAsync(10, Lease));

        await store.CreateAsync("a", Content(minutes: 60, subject: "ann"));
        await AgeAsync("a", "expires", 61);
        await store.ConfirmExpiredAsync([first]);
        var second = Assert.Single(await store.ClaimExpiredAsync(10, Lease));

        Assert.Equal(("ann", 1), (second.Session.Subject, second.Claims));
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_is_claimed_without_its_payload()
    {
        var store = Open(static options => options.AutoRemove = AutoRemove.Interval);
        await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", 42 }, { "expires", In(-1).UtcDateTime }, { "subject", 7 } });

        var claimed = Assert.Single(await store.ClaimExpiredAsync(10, Lease));

        Assert.Equal(("a", true, null), (claimed.Session.Id, claimed.Session.Payload.IsEmpty, claimed.Session.Subject));
    }

    [Fact]
    public async Task Links_of_rotations_are_not_claimed()
    {
        var store = Open(static options => options.AutoRemove = AutoRemove.Interval);
        await store.CreateAsync("a", Content());
        await store.RotateAsync("a", "b", SessionVersion.Any, Content());
        await AgeAsync("a", "moved.until", 10);

        Assert.Empty(await store.ClaimExpiredAsync(10, Lease));
        Assert.Null(await StoredAsync("a"));
    }

    private async Task<MongoStore> WithExpiredAsync()
    {
        var store = Open(static options => options.AutoRemove = AutoRemove.Interval);
        await store.CreateAsync("a", Content(minutes: -1));
        return store;
    }
}
