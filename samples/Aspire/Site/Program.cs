using SessionStores.AspNetCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
builder.Services.AddHealthChecks().AddSessionStore();

var app = builder.Build();
app.UseSessionStores();

app.MapHealthChecks("/health").WithSession(SessionMode.None);
app.MapGet("/", (HttpSession session) =>
{
    session.Update<int>("views", views => views + 1);
    return $"Seen {session.Get<int>("views")} times, now by process {Environment.ProcessId}.";
});
app.Run();
