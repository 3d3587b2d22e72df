using SessionStores.AspNetCore;
using SignalR;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSessionStores();
builder.Services.AddSignalR();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseSessionStores();

app.MapPost("/login", async (LogIn logIn, HttpSession session) =>
{
    await session.RegenerateAsync();
    session.Subject = logIn.Name;
});
app.MapPost("/logout", (HttpSession session) => session.DestroyAsync());

// A connection lives for hours: it reads the session when it begins, and writes nothing back when it ends.
app.MapHub<ChatHub>("/chat").WithSession(SessionMode.ReadOnly);

app.Run();

internal sealed record LogIn(string Name);
