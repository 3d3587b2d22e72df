using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SessionStores;
using SessionStores.AspNetCore;

namespace BackChannel;

/// <summary>Checks the log-out tokens of the provider, as OpenID Connect Back-Channel Logout 1.0 asks in 2.6, and ends the sessions that they name.</summary>
internal sealed class LogoutTokens(IOptionsMonitor<OpenIdConnectOptions> oidc, SessionAccess sessions, ISessionStore store, TimeProvider clock)
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    /// <summary>How old a token may be, and how long it is remembered.</summary>
    private static readonly TimeSpan MostAge = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);
    private static readonly byte[] Empty = """{"cookie":{}}"""u8.ToArray();

    /// <summary>Ends the sessions that a token names: those of one log-in at the provider, or all of a user.</summary>
    /// <returns>Null, or what is wrong with the token: then nothing has ended.</returns>
    public async Task<string?> EndSessionsAsync(string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
            return "There is no logout_token.";

        var options = oidc.Get(OpenIdConnectDefaults.AuthenticationScheme);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ConfigurationManager = options.ConfigurationManager as BaseConfigurationManager, // the provider's issuer and keys, read again when a key is not known
            ValidAudience = options.ClientId,
            ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
            ClockSkew = ClockSkew,
        });
        if (!result.IsValid)
            return "The signature, issuer, audience or life of the token is not valid.";

        var claims = ((JsonWebToken)result.SecurityToken).Claims.ToLookup(claim => claim.Type, claim => claim.Value);
        var (sid, sub, jti) = (claims["sid"].FirstOrDefault(), claims["sub"].FirstOrDefault(), claims["jti"].FirstOrDefault());
        if (ProblemOf(claims) is { } problem)
            return problem;

        // One step at the store, so that of two nodes that get the same token one ends sessions.
        var seen = "jti-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(jti!)));
        if ((await store.CreateAsync(seen, new SessionContent(Empty, MostAge + (2 * ClockSkew)), cancellationToken)).Status == SessionWriteStatus.Taken)
            return "The token was used before.";

        try
        {
            // The provider waits for no page, so that the sessions end although it may have gone.
            if (string.IsNullOrEmpty(sid))
                await sessions.DestroyBySubjectAsync(sub!, cancellationToken: CancellationToken.None);
            else
                await sessions.DestroyByKeyAsync(sid, cancellationToken: CancellationToken.None);

            return null;
        }
        catch
        {
            await store.DestroyAsync(seen, CancellationToken.None); // the provider may send it again
            throw;
        }
    }

    private string? ProblemOf(ILookup<string, string> claims)
    {
        if (!claims["iat"].Any() || !long.TryParse(claims["iat"].First(), out var seconds))
            return "The claim iat is missing.";

        var age = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (age > MostAge + ClockSkew || age < -ClockSkew)
            return "The token was not issued just now.";

        if (!claims["jti"].Any(static value => value.Length > 0))
            return "The claim jti is missing.";

        if (claims.Contains("nonce"))
            return "A log-out token has no nonce: this may be an ID token.";

        if (!claims["events"].Any(IsLogout))
            return "The claim events does not name a back-channel log-out.";

        return claims["sid"].Concat(claims["sub"]).Any(static value => value.Length > 0) ? null : "The token names neither a session nor a user.";
    }

    private static bool IsLogout(string events)
    {
        try
        {
            using var document = JsonDocument.Parse(events);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(Event, out var value) && value.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
