using Microsoft.Extensions.DependencyInjection;
using SessionStores;
using SessionStores.AspNetCore;
using SessionStores.Memory;
using SessionStores.Postgres;

// A minimal site: on PostgreSQL when a connection string is given, in memory otherwise.
var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
var sessions = builder.Services.AddSessionStores(options =>
{
    options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ");
    options.Cookie.Secure = SessionCookieSecurity.Auto;
});
if (args.Length > 0)
    sessions.UsePostgres(args[0]);
else
    sessions.UseMemory();

var app = builder.Build();
app.UseSessionStores();
app.MapGet("/", (HttpContext context) =>
{
    var session = context.GetHttpSession()!;
    session.Subject = "visitor";
    session.Update<int>("views", views => views + 1);
    return $"views: {session.Get<int>("views")}";
});

// What looks at many sessions, and so takes other ways through the store.
app.MapGet("/end", async (ISessionStore store) =>
{
    var pruned = await store.GetCapability<ISessionPruning>()!.PruneAsync();
    var listed = 0;
    await foreach (var record in store.GetCapability<ISessionSubjects>()!.ListBySubjectAsync("visitor"))
        listed += record.Subject == "visitor" ? 1 : 0;

    var ended = await store.GetCapability<ISessionSubjects>()!.DestroyBySubjectAsync("visitor");
    var left = await store.GetCapability<ISessionEnumeration>()!.LengthAsync();
    await store.GetCapability<ISessionEnumeration>()!.ClearAsync();
    return $"pruned {pruned}, listed {listed}, ended {ended}, left {left}";
});

await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();
