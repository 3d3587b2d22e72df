using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using SessionStores.AspNetCore;
using Spa;

var builder = WebApplication.CreateBuilder(args);

// Page and API have one origin, so no other site has to send these cookies.
builder.Services.AddSessionStores(options => options.Cookie.SameSite = SessionSameSite.Strict);

// The sign-in, and the tokens that are saved in it, are in the store; the browser has a key. An API endpoint returns 401 instead of a redirect.
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
    .AddCookie(options => options.Cookie.SameSite = SameSiteMode.Strict)
    .AddSessionTickets();
builder.Services.AddAuthorization();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseSessionStores();
app.UseAuthentication();
app.UseAuthorization();

var api = app.MapGroup("/api").RequireOwnScript();

api.MapPost("/login", async (LogIn logIn, HttpContext context, HttpSession session) =>
{
    var user = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, logIn.Name)], "demo");
    await session.RegenerateAsync(keepData: true); // the cart stays; an id that was planted is worthless
    session.Subject = logIn.Name;
    await context.SignInAsync(new ClaimsPrincipal(user));
    return new User(logIn.Name);
});

api.MapPost("/logout", async (HttpContext context, HttpSession session) =>
{
    await session.DestroyAsync();
    await context.SignOutAsync();
    return Results.NoContent();
});

api.MapGet("/me", (ClaimsPrincipal user) => new User(user.FindFirstValue(ClaimTypes.NameIdentifier)!)).RequireAuthorization();

api.MapGet("/cart", (HttpSession session) => session.Get<string[]>("cart") ?? []);

api.MapPost("/cart", (Item item, HttpSession session) =>
{
    session.Update<string[]>("cart", cart => [.. cart ?? [], item.Name]);
    return session.Get<string[]>("cart");
});

app.Run();
