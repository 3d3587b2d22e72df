using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace SessionStores.Samples.Tests;

/// <summary>A small OpenID provider in this process: it signs in whoever comes, each time with a new <c>sid</c>, and signs log-out tokens.</summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string ClientId = "shop";
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (string Nonce, string Sid)> _codes = new();
    private readonly WebApplication _app;
    private int _logIns;

    private OpenIdProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.First();

    public static async Task<OpenIdProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var provider = new OpenIdProvider(app);
        provider.Map();
        await app.StartAsync();
        return provider;
    }

    /// <summary>A log-out token as the specification has it; each part can be made wrong.</summary>
    public string LogoutToken(Action<SecurityTokenDescriptor>? change = null, RSA? key = null)
    {
        var now = DateTime.UtcNow;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = ClientId,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(2),
            TokenType = "logout+jwt",
            SigningCredentials = CredentialsOf(key ?? _rsa),
            Claims = new Dictionary<string, object>
            {
                ["jti"] = Guid.NewGuid().ToString(),
                ["events"] = new Dictionary<string, object> { [Event] = new Dictionary<string, object>() },
            },
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }

    private static SigningCredentials CredentialsOf(RSA key) => new(new RsaSecurityKey(key) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256);

    private void Map()
    {
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/authorize",
            ["token_endpoint"] = Issuer + "/token",
            ["jwks_uri"] = Issuer + "/jwks",
        }));
        _app.MapGet("/jwks", () =>
        {
            var key = _rsa.ExportParameters(includePrivateParameters: false);
            return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "k1", n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } } });
        });
        _app.MapGet("/authorize", (HttpRequest request) =>
        {
            var code = Guid.NewGuid().ToString("N");
            _codes[code] = (request.Query["nonce"]!, $"sid-{Interlocked.Increment(ref _logIns)}");
            return Results.Redirect($"{request.Query["redirect_uri"]}?code={code}&state={WebUtility.UrlEncode(request.Query["state"])}");
        });
        _app.MapPost("/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            if (!_codes.TryRemove(form["code"].ToString(), out var login))
                return Results.BadRequest(new { error = "invalid_grant" });

            var now = DateTime.UtcNow;
            var idToken = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = Issuer,
                Audience = ClientId,
                IssuedAt = now,
                Expires = now.AddMinutes(5),
                SigningCredentials = CredentialsOf(_rsa),
                Claims = new Dictionary<string, object> { ["sub"] = "mia", ["sid"] = login.Sid, ["nonce"] = login.Nonce },
            });
            return Results.Json(new { access_token = "none", token_type = "Bearer", expires_in = 300, id_token = idToken });
        });
    }
}
