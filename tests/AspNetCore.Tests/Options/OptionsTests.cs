using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.Tests.Options;

/// <summary>Wrong options stop the application at its start with sentences that name the option and what is allowed.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, Action<SessionStoresOptions>, string> Mistakes => new()
    {
        { "no secret", options => options.Secrets.Clear(), "SessionStoresOptions.Secrets must have at least one secret" },
        { "no list", options => options.Secrets = null!, "SessionStoresOptions.Secrets must have at least one secret" },
        { "a null secret", options => options.Secrets.Add(null!), "Secrets must not contain null" },
        { "a name with a space", options => options.Name = "my sid", "SessionStoresOptions.Name must be a cookie name of letters" },
        { "no name", options => options.Name = "", "SessionStoresOptions.Name must be a cookie name of letters" },
        { "SameSite=None alone", options => options.Cookie.SameSite = SessionSameSite.None, "Cookie.SameSite must be Unset, Strict, Lax or Auto while Cookie.Secure is Never" },
        { "Partitioned alone", options => options.Cookie.Partitioned = true, "Cookie.Partitioned must be false while Cookie.Secure is Never" },
        { "__Host- with a domain", options => SetHost(options, "example.com", "/", SessionCookieSecurity.Always), "__Host-, which needs Cookie.Secure Always, Cookie.Path '/' and no Cookie.Domain" },
        { "__Host- with a path", options => SetHost(options, null, "/app", SessionCookieSecurity.Always), "__Host-, which needs" },
        { "__Host- without Secure", options => SetHost(options, null, "/", SessionCookieSecurity.Auto), "__Host-, which needs" },
        { "__Host- with the default", options => options.Name = "__Host-sid", "__Host-, which needs" },
        { "__Secure- without Secure", options => options.Name = "__Secure-sid", "__Secure-, which needs Cookie.Secure Always" },
        { "no cookie", options => options.Cookie = null!, "SessionStoresOptions.Cookie must not be null" },
        { "a path without slash", options => options.Cookie.Path = "app", "Cookie.Path must start with '/'" },
        { "a path with a semicolon", options => options.Cookie.Path = "/;", "Cookie.Path must start with '/'" },
        { "no host name", options => options.Cookie.Domain = "a b", "Cookie.Domain must be null or a host name" },
        { "MaxAge zero", options => options.Cookie.MaxAge = TimeSpan.Zero, "Cookie.MaxAge must be null or longer than zero" },
        { "Expires in the past", options => options.Cookie.Expires = DateTimeOffset.UnixEpoch, "Cookie.Expires must be null or in the future" },
        { "MaxAge and Expires", options => (options.Cookie.MaxAge, options.Cookie.Expires) = (TimeSpan.FromDays(1), DateTimeOffset.MaxValue), "must not both be set" },
        { "no such SameSite", options => options.Cookie.SameSite = (SessionSameSite)9, "Cookie.SameSite must be one of Unset, Strict, Lax, None, Auto" },
        { "IdleTimeout zero", options => options.IdleTimeout = TimeSpan.Zero, "IdleTimeout must be longer than zero" },
        { "AbsoluteTimeout zero", options => options.AbsoluteTimeout = TimeSpan.Zero, "AbsoluteTimeout must be null or longer than zero" },
        { "TouchAfter 1", options => options.TouchAfter = 1, "TouchAfter must be 0 to 0.9, but is 1" },
        { "TouchAfter NaN", options => options.TouchAfter = double.NaN, "TouchAfter must be 0 to 0.9" },
        { "a cap without a number", options => options.SessionsPerSubject = default(SessionCap), "SessionsPerSubject must be null or a cap of SessionCap.Refuse" },
        { "no attempts", options => options.MaxMergeAttempts = 0, "MaxMergeAttempts must be 1 to 1000" },
        { "RetryAfter zero", options => options.RetryAfter = TimeSpan.Zero, "RetryAfter must be 1 second to 1 day" },
        { "no such Unset", options => options.Unset = (UnsetBehavior)7, "Unset must be one of Destroy, Keep" },
        { "no such Outage", options => options.Outage = (OutagePolicy)7, "Outage must be one of Fail, ServiceUnavailable503, ContinueWithoutSession" },
        { "no such Clashes", options => options.Clashes = (ClashResolution)7, "Clashes must be one of LastWins, FirstWins, Fail" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_stops_the_start(string mistake, Action<SessionStoresOptions> make, string sentence)
    {
        Assert.NotEmpty(mistake);

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => Site.StartAsync(_ => { }, make));

        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        var result = new SessionStoresOptionsValidator(new FakeClock()).Validate("", new SessionStoresOptions { Name = "", MaxMergeAttempts = 0, TouchAfter = 2 });

        Assert.Equal(4, result.Failures!.Count());
        Assert.All(result.Failures!, sentence => Assert.EndsWith(".", sentence.Replace("all verify).", ".", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void The_defaults_are_the_safe_ones()
    {
        var options = new SessionStoresOptions { Secrets = ["N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ"] };

        Assert.Equal("connect.sid", options.Name);
        Assert.False(options.Resave || options.SaveUninitialized || options.Rolling);
        Assert.Equal(UnsetBehavior.Destroy, options.Unset);
        Assert.True(options.ClearCookieOnDestroy);
        Assert.True(options.PreventCaching);
        Assert.True(options.Cookie is { HttpOnly: true, Secure: SessionCookieSecurity.ExceptLocalDevelopment, SameSite: SessionSameSite.Lax, Path: "/", Domain: null });
        Assert.Equal(TimeSpan.FromDays(1), options.IdleTimeout);
        Assert.True(new SessionStoresOptionsValidator(new FakeClock()).Validate("", options).Succeeded);
    }

    [Fact]
    public void One_call_selects_the_defaults_of_express_session_1()
    {
        var options = new SessionStoresOptions { Secrets = ["N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ"], Rolling = true };

        options.UseExpressDefaults();

        Assert.True(options.Resave && options.SaveUninitialized);
        Assert.False(options.Rolling || options.ClearCookieOnDestroy);
        Assert.Equal(UnsetBehavior.Keep, options.Unset);
        Assert.Equal(0, options.TouchAfter);
        Assert.True(options.Cookie is { HttpOnly: true, Secure: SessionCookieSecurity.Never, SameSite: SessionSameSite.Unset });
    }

    [Fact]
    public void Secrets_are_texts_or_bytes_and_never_empty()
    {
        Assert.Contains("configuration value", Assert.Throws<ArgumentException>(() => (SessionSecret)(string)null!).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => (SessionSecret)"");
        Assert.Throws<ArgumentException>(() => new SessionSecret([]));
        Assert.DoesNotContain("cat", ((SessionSecret)"keyboard cat").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Using_sessions_without_adding_them_says_what_to_call()
    {
        using var app = WebApplication.CreateSlimBuilder().Build();

        Assert.Contains("AddSessionStores", Assert.Throws<InvalidOperationException>(() => app.UseSessionStores()).Message, StringComparison.Ordinal);
        Assert.Contains("\"admin\"", Assert.Throws<InvalidOperationException>(() => app.UseSessionStores("admin")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_choice_sessions_are_kept_in_memory_and_the_last_choice_wins()
    {
        var chosen = new Memory.MemoryStore();
        using var byDefault = Provider(_ => { });
        using var byChoice = Provider(builder => builder.UseStore(_ => new Memory.MemoryStore()).UseStore(_ => chosen));

        Assert.IsType<Memory.MemoryStore>(byDefault.GetRequiredService<ISessionStore>());
        Assert.Same(chosen, byChoice.GetRequiredService<ISessionStore>());
    }

    private static ServiceProvider Provider(Action<ISessionStoresBuilder> choose)
    {
        var services = new ServiceCollection();
        choose(services.AddSessionStores(options => options.Secrets.Add("secret")));
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    private static void SetHost(SessionStoresOptions options, string? domain, string path, SessionCookieSecurity secure)
    {
        options.Name = "__Host-sid";
        (options.Cookie.Domain, options.Cookie.Path, options.Cookie.Secure) = (domain, path, secure);
    }
}
