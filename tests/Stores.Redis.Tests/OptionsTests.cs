namespace SessionStores.Redis.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Every_option_out_of_its_range_is_named_at_once()
    {
        var options = new RedisStoreOptions
        {
            KeyPrefix = new string('x', 129),
            SubjectPrefix = "",
            Database = -2,
            ScanCount = 0,
            MaxPayloadBytes = 1,
            OperationTimeout = TimeSpan.Zero,
            MinReplicas = 17,
        };

        var exception = Assert.Throws<ArgumentException>(() => new RedisStore(new StackExchange.Redis.ConfigurationOptions(), options));

        Assert.Equal(
            "RedisStoreOptions: KeyPrefix must be 0 to 128 characters, but has 129. SubjectPrefix must be 1 to 128 characters, but has 0. "
            + "Database must be -1 to 65,535, but is -2. ScanCount must be 1 to 100,000, but is 0. MaxPayloadBytes must be 2 to 268,435,456, but is 1. "
            + "OperationTimeout must be 10 milliseconds to 1 minute, but is 00:00:00. MinReplicas must be 0 to 16, but is 17.",
            exception.Message);
    }

    [Theory]
    [InlineData("sess:", "sess:subject:")]
    [InlineData("sess:", "sess:")]
    [InlineData("sess:a:", "sess:")]
    [InlineData("sub", null)]
    public void The_two_prefixes_must_not_begin_with_one_another(string keys, string? subjects)
    {
        var options = new RedisStoreOptions { KeyPrefix = keys, SubjectPrefix = subjects };

        var exception = Assert.Throws<ArgumentException>(() => new RedisStore(new StackExchange.Redis.ConfigurationOptions(), options));

        Assert.Contains("must not begin with one another", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_text_is_not_repeated_when_it_cannot_be_read()
    {
        var exception = Assert.Throws<ArgumentException>(() => new Builder().UseRedis("localhost,password=geheim,ssl=geheim2"));

        Assert.DoesNotContain("geheim", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_without_a_server_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Builder().UseRedis(new StackExchange.Redis.ConfigurationOptions()));

    private sealed class Builder : ISessionStoresBuilder
    {
        public string Name => "";

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create) => this;
    }
}
