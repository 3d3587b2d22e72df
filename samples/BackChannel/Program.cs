using System.Security.Claims;
using BackChannel;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using SessionStores.AspNetCore;

var builder = WebApplication.CreateBuilder(args);

// In memory, for one instance. On several: .UsePostgres(connection, options => options.Keys = true).
builder.Services.AddSessionStores();
builder.Services.AddSingleton<LogoutTokens>();
builder.Services
    .AddAuthentication(options =>
    {
        options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
    })
    .AddCookie()

    // Each sign-in is found by the provider's name of its log-in, and by its user.
    .AddSessionTickets(configure: options => options.Key = ticket => ticket.Principal.FindFirstValue("sid"))
    .AddOpenIdConnect(options =>
    {
        builder.Configuration.GetSection("Oidc").Bind(options); // Authority, ClientId, ClientSecret
        options.ResponseType = "code";
        options.ResponseMode = "query";
        options.MapInboundClaims = false; // sub and sid under their own names
        options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
        if (builder.Environment.IsDevelopment())
        {
            // Site and provider on this machine, without HTTPS.
            options.RequireHttpsMetadata = false;
            options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        }
    });
builder.Services.AddAuthorization();

var app = builder.Build();
app.UseSessionStores();
app.UseAuthentication();
app.UseAuthorization();

app.MapGet("/", (ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true }
    ? Results.Content($"Signed in as {user.FindFirstValue("sub")}. POST /logout ends it here, the provider ends it everywhere.")
    : Results.Content("Not signed in. Go to /login."));

app.MapGet("/login", () => Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }));

app.MapPost("/logout", () => Results.SignOut(null, [CookieAuthenticationDefaults.AuthenticationScheme]));

// Called by the provider, not by a browser: there is no cookie, and the token is the proof.
app.MapPost("/backchannel-logout", async (HttpContext context, LogoutTokens tokens) =>
{
    context.Response.Headers.CacheControl = "no-store";
    var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
    var problem = await tokens.EndSessionsAsync(form?["logout_token"], context.RequestAborted);
    return problem is null ? Results.Ok() : Results.BadRequest(new { error = "invalid_request", error_description = problem });
});

app.Run();
