using System.Net;
using SessionStores.AspNetCore;
using SessionStores.Redis;
using SideBySide;

// usage: dotnet run --project samples/SideBySide -- [--port 5090] [--redis localhost:6379] [--express http://127.0.0.1:5091]
// Without --redis it starts a redis-server of its own, which keeps nothing; without --express, the Express application in express/.
var builder = WebApplication.CreateSlimBuilder(args);
using var servers = new OwnServers();
var redis = builder.Configuration["redis"] ?? servers.StartRedis();
var express = builder.Configuration["express"] is { } address
    ? new Uri(address)
    : await servers.StartExpressAsync(Path.Combine(builder.Environment.ContentRootPath, "express"), redis);
builder.WebHost.UseUrls($"http://127.0.0.1:{builder.Configuration["port"] ?? "5090"}");
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

// The same options as those of express-session in express/app.js.
builder.Services
    .AddSessionStores(options =>
    {
        options.Secrets.Add(Environment.GetEnvironmentVariable("SESSION_SECRET") ?? "keyboard cat");
        options.AllowWeakSecrets = true; // the Express half of the sample has the same one
        options.Cookie.MaxAge = TimeSpan.FromMinutes(20);
        options.Cookie.Secure = SessionCookieSecurity.Never;
    })
    .UseRedis(redis);
builder.Services.AddSingleton(new ExpressForwarder(express));

var app = builder.Build();
app.UseSessionStores();

// The pages that have moved already.
app.MapGet("/account", (HttpSession session) => session.Get<string>("email") is { } email
    ? Results.Content($"""
        <!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Account</title>
        <h1>Account of {WebUtility.HtmlEncode(email)}</h1>
        <p>This page is ASP.NET Core; the log-in was Express.</p>
        <p>In the basket: {session.Get<List<string>>("basket")?.Count ?? 0}. Pages of this side seen: {CountPage(session)}.</p>
        <form method="post" action="/basket/gift"><button>Add a gift card (ASP.NET Core)</button></form>
        <form method="post" action="/logout"><button>Log out (ASP.NET Core)</button></form>
        <p><a href="/">Shop (Express)</a></p>
        """, "text/html; charset=utf-8")
    : Results.Redirect("/"));

app.MapPost("/basket/gift", (HttpSession session) =>
{
    session.Update<List<string>>("basket", basket => [.. basket ?? [], "gift card"]);
    return Results.Redirect("/account");
}).DisableAntiforgery();

app.MapPost("/logout", async (HttpSession session) =>
{
    await session.DestroyAsync();
    return Results.Redirect("/");
}).DisableAntiforgery();

// Everything else is still Express, which loads the session itself.
app.MapFallback("{**path}", (HttpContext context, ExpressForwarder forwarder) => forwarder.ForwardAsync(context)).WithSession(SessionMode.None);

await app.StartAsync();
servers.WhenOneEnds(app.Lifetime.StopApplication);
Console.WriteLine($"SideBySide: {app.Urls.First()} (Express behind it: {express})");
await app.WaitForShutdownAsync();

static int CountPage(HttpSession session)
{
    session.Update<int>("pages", pages => pages + 1);
    return session.Get<int>("pages");
}
