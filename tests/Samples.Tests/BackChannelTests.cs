using System.Net;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace SessionStores.Samples.Tests;

public sealed class BackChannelTests
{
    private const string Out = "Not signed in. Go to /login.";

    [Fact]
    public async Task The_provider_ends_one_log_in_of_two_and_then_all_of_the_user()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var sample = await StartAsync(provider);
        using var laptop = await SignInAsync(sample); // sid-1
        using var phone = await SignInAsync(sample); // sid-2

        using (var response = await SendAsync(sample, provider.LogoutToken(token => (token.Claims["sid"], token.Claims["sub"]) = ("sid-1", "mia"))))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.True(response.Headers.CacheControl?.NoStore);
        }

        Assert.Equal(Out, await laptop.GetStringAsync("/"));
        Assert.StartsWith("Signed in as mia.", await phone.GetStringAsync("/"), StringComparison.Ordinal);

        using var tablet = await SignInAsync(sample);
        using (var response = await SendAsync(sample, provider.LogoutToken(token => token.Claims["sub"] = "mia")))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        Assert.Equal(Out, await phone.GetStringAsync("/"));
        Assert.Equal(Out, await tablet.GetStringAsync("/"));
    }

    [Fact]
    public async Task A_token_that_is_not_valid_ends_nothing()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var sample = await StartAsync(provider);
        using var person = await SignInAsync(sample);
        using var forger = RSA.Create(2048);
        var now = DateTime.UtcNow;
        string Token(Action<SecurityTokenDescriptor> change, RSA? key = null) => provider.LogoutToken(
            token =>
            {
                token.Claims["sid"] = "sid-1";
                change(token);
            },
            key);

        var wrong = new Dictionary<string, string?>
        {
            ["no token"] = null,
            ["no JWT"] = "none",
            ["forged"] = Token(_ => { }, forger),
            ["unsigned"] = Token(token => token.SigningCredentials = null),
            ["of another issuer"] = Token(token => token.Issuer = "https://other.example"),
            ["for another client"] = Token(token => token.Audience = "other"),
            ["expired"] = Token(token => (token.IssuedAt, token.NotBefore, token.Expires) = (now.AddMinutes(-30), now.AddMinutes(-30), now.AddMinutes(-20))),
            ["old"] = Token(token => (token.IssuedAt, token.NotBefore, token.Expires) = (now.AddMinutes(-30), now.AddMinutes(-30), now.AddMinutes(20))),
            ["without iat"] = Token(token => token.IssuedAt = null),
            ["without exp"] = Token(token => token.Expires = null),
            ["without jti"] = Token(token => token.Claims.Remove("jti")),
            ["without events"] = Token(token => token.Claims.Remove("events")),
            ["of another event"] = Token(token => token.Claims["events"] = new Dictionary<string, object> { ["https://other.example"] = new Dictionary<string, object>() }),
            ["with a nonce"] = Token(token => token.Claims["nonce"] = "n"),
            ["without sid and sub"] = Token(token => token.Claims.Remove("sid")),
        };

        foreach (var (what, token) in wrong)
        {
            using var response = await SendAsync(sample, token);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"A token {what} gets {response.StatusCode}.");
            Assert.True(response.Headers.CacheControl?.NoStore);
            Assert.True((await person.GetStringAsync("/")).StartsWith("Signed in as mia.", StringComparison.Ordinal), $"A token {what} ended the session.");
        }
    }

    [Fact]
    public async Task A_token_counts_once()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var sample = await StartAsync(provider);
        using var before = await SignInAsync(sample);
        var token = provider.LogoutToken(each => each.Claims["sub"] = "mia");

        using (var first = await SendAsync(sample, token))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var after = await SignInAsync(sample);
        using (var replay = await SendAsync(sample, token))
            Assert.Equal(HttpStatusCode.BadRequest, replay.StatusCode);

        Assert.Equal(Out, await before.GetStringAsync("/"));
        Assert.StartsWith("Signed in as mia.", await after.GetStringAsync("/"), StringComparison.Ordinal);
    }

    private static Task<RunningSample> StartAsync(OpenIdProvider provider) => RunningSample.StartAsync(
        "BackChannel", ("Oidc__Authority", provider.Issuer), ("Oidc__ClientId", OpenIdProvider.ClientId), ("Oidc__ClientSecret", "secret"));

    /// <summary>A browser that has signed in at the provider: it follows the redirects there and back.</summary>
    private static async Task<HttpClient> SignInAsync(RunningSample sample)
    {
        var person = new HttpClient(new SocketsHttpHandler()) { BaseAddress = sample.Address };
        using var response = await person.GetAsync(new Uri("/login", UriKind.Relative));
        Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage!.RequestUri} returns {response.StatusCode}.\n{sample.Output}");
        Assert.StartsWith("Signed in as mia.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        return person;
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningSample sample, string? token)
    {
        using var provider = sample.NewBrowser();
        using var form = new FormUrlEncodedContent(token is null ? [] : [new("logout_token", token)]);
        return await provider.PostAsync(new Uri("/backchannel-logout", UriKind.Relative), form);
    }
}
