using System.Security.Claims;
using Blazor;
using Blazor.Components;
using SessionStores.AspNetCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSessionStores();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddScoped<CircuitSession>();

var app = builder.Build();
app.UseSessionStores();

// A circuit has no request. It has the user of the request that opened it, which here says which session is theirs. The id stays on the server.
app.Use((context, next) =>
{
    if (context.GetHttpSession() is { Subject: not null } session)
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(CircuitSession.IdClaim, session.Id)]));

    return next(context);
});
app.UseAntiforgery();
app.MapStaticAssets().WithSession(SessionMode.None);
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.Run();
