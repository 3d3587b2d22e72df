using SessionStores.AspNetCore;
using SessionStores.Memory;
using SessionStores.Postgres;

// A minimal site: on PostgreSQL when a connection string is given, in memory otherwise.
var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
var sessions = builder.Services.AddSessionStores(options => options.Secrets.Add("keyboard cat"));
if (args.Length > 0)
    sessions.UsePostgres(args[0]);
else
    sessions.UseMemory();

var app = builder.Build();
app.UseSessionStores();
app.MapGet("/", (HttpContext context) =>
{
    var session = context.GetHttpSession()!;
    session.Update<int>("views", views => views + 1);
    return $"views: {session.Get<int>("views")}";
});

await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();
