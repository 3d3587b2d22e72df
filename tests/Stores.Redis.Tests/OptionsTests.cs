using Microsoft.Extensions.DependencyInjection;

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
            + "OperationTimeout must be 00:00:00.0100000 to 01:00:00, but is 00:00:00. MinReplicas must be 0 to 16, but is 17.",
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
    public async Task A_store_keeps_its_own_copy_of_the_options()
    {
        var options = new RedisStoreOptions { MaxPayloadBytes = 2 };
        await using var store = new RedisStore(new StackExchange.Redis.ConfigurationOptions { EndPoints = { "localhost" } }, options);

        options.MaxPayloadBytes = 1000;

        await Assert.ThrowsAsync<SessionPayloadTooLargeException>(() => store.SetAsync("a", Sessions.Of("""{"a":1}""")).AsTask());
    }

    [Theory]
    [InlineData("localhost,password=geheim,ssl=geheim2", "the value of 'ssl' is invalid.")]
    [InlineData("localhost,password=geheim,syncTimeout=geheim2", "the value of 'syncTimeout' is invalid.")]
    [InlineData("localhost,password=abc,geheim=geheim2,ssl=true", "part 3 is not an end point or 'keyword=value' with a known keyword. Parts are separated by commas, which a value must not contain.")]
    [InlineData("geheim=geheim2", "part 1 is not an end point or 'keyword=value' with a known keyword. Parts are separated by commas, which a value must not contain.")]
    public void An_invalid_configuration_string_is_refused_with_its_keyword_and_without_its_values(string configuration, string problem)
    {
        var exception = Assert.Throws<ArgumentException>(() => new Builder().UseRedis(configuration));

        Assert.StartsWith($"StackExchange.Redis cannot parse the configuration string: {problem}", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_without_a_server_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Builder().UseRedis(new StackExchange.Redis.ConfigurationOptions()));

    private sealed class Builder : ISessionStoresBuilder
    {
        public string Name => "";

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create) => this;

        public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate) => this;
    }
}
