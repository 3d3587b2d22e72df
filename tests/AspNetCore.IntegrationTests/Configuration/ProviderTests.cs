using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore;
using SessionStores.Configuration;
using SessionStores.Memory;
using SessionStores.Postgres;
using SessionStores.Redis;
using SessionStores.Mongo;

namespace SessionStores.AspNetCore.IntegrationTests.Configuration;

/// <summary>The provider of every store knows every option of its store.</summary>
public sealed class ProviderTests
{
    public static TheoryData<ISessionStoreProvider, Type, string[], string?> Providers => new()
    {
        { new MemoryStoreProvider(), typeof(MemoryStoreOptions), [], null },
        { new RedisStoreProvider(), typeof(RedisStoreOptions), [nameof(RedisStoreOptions.PayloadTransform), nameof(RedisStoreOptions.Credentials)], "localhost" },
        { new PostgresStoreProvider(), typeof(PostgresStoreOptions), [nameof(PostgresStoreOptions.Credentials)], "Host=localhost" },
        {
            new MongoStoreProvider(), typeof(MongoStoreOptions),
            [nameof(MongoStoreOptions.TransformId), nameof(MongoStoreOptions.Encryption), nameof(MongoStoreOptions.Decryption), nameof(MongoStoreOptions.Credentials)],
            "mongodb://localhost/app"
        },
    };

    [Theory]
    [MemberData(nameof(Providers))]
    public void Every_option_that_is_no_code_can_be_set(ISessionStoreProvider provider, Type options, string[] code, string? connection)
    {
        var texts = options.GetProperties().Select(option => KeyValuePair.Create(option.Name, (string?)""));
        var settings = new SessionStoreSettings("Store", [.. texts, KeyValuePair.Create("Connection", connection)]);

        provider.Configure(new Builder(), settings);
        settings.AddUnknown();

        Assert.Equal(
            code.Order(),
            settings.Problems.Where(problem => problem.Contains(" is no setting", StringComparison.Ordinal)).Select(problem => problem.Split(' ')[0]["Store:".Length..]).Order());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Every_setting_reaches_the_option_of_its_name(ISessionStoreProvider provider, Type options, string[] code, string? connection)
    {
        // Whatever the store checks, it names with the value that was set: values that no two options share.
        var wrong = new Dictionary<Type, string> { [typeof(int)] = "-7", [typeof(long)] = "-7", [typeof(TimeSpan)] = "-00:00:07", [typeof(TimeSpan?)] = "-00:00:07" };
        var checkedOptions = options.GetProperties()
            .Where(option => wrong.ContainsKey(option.PropertyType) && !code.Contains(option.Name) && option.Name is not "ReplicaTimeout" and not "MaxBytes")
            .ToList();
        Assert.NotEmpty(checkedOptions);

        foreach (var option in checkedOptions)
        {
            var builder = new Builder();
            var settings = new SessionStoreSettings("Store", [KeyValuePair.Create(option.Name, (string?)wrong[option.PropertyType]), KeyValuePair.Create("Connection", connection)]);
            provider.Configure(builder, settings);

            Assert.False(builder.IsChosen);
            Assert.Contains($"{option.Name} must be", Assert.Single(settings.Problems), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Without_settings_the_defaults_hold(ISessionStoreProvider provider, Type options, string[] code, string? connection)
    {
        Assert.NotNull(options);
        Assert.NotNull(code);
        var builder = new Builder();
        var settings = new SessionStoreSettings("Store", connection is null ? [] : [KeyValuePair.Create("Connection", (string?)connection)]);

        provider.Configure(builder, settings);

        Assert.Empty(settings.Problems);
        Assert.True(builder.IsChosen);
    }

    [Fact]
    public void Every_option_of_sessions_that_is_no_code_can_be_set()
    {
        string[] code = ["GenerateId", "CookieFor", "ClashResolvers", "Json", "SessionsPerSubject"];
        var names = typeof(SessionStoresOptions).GetProperties().Select(option => option.Name).Where(name => name != "Cookie" && name != "Secrets")
            .Concat(typeof(SessionCookieOptions).GetProperties().Select(option => "Cookie:" + option.Name))
            .Select(name => KeyValuePair.Create("Sessions:" + name, (string?)"x"));
        var services = new ServiceCollection();
        var section = new ConfigurationManager();
        section.AddInMemoryCollection(names);
        services.AddSessionStores(section.GetSection("Sessions"), new RedisStoreProvider());

        var validators = services.Where(service => service.ImplementationInstance is IValidateOptions<SessionStoresOptions>)
            .Select(service => (IValidateOptions<SessionStoresOptions>)service.ImplementationInstance!);
        var unknown = validators.SelectMany(validator => validator.Validate("", new SessionStoresOptions()).Failures!)
            .Where(problem => problem.Contains(" is no setting", StringComparison.Ordinal))
            .Select(problem => problem.Split(' ')[0]["Sessions:".Length..]);

        Assert.Equal(code.Order(), unknown.Order());
    }

    private sealed class Builder : ISessionStoresBuilder
    {
        public string Name => "";

        public bool IsChosen { get; private set; }

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create)
        {
            IsChosen = true;
            return this;
        }

        public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate) => this;
    }
}
