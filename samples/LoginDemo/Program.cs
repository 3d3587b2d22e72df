using System.Net.Mail;
using LoginDemo;
using SessionStores.AspNetCore;

var arguments = DemoArguments.Parse(args);
if (arguments.Problem is not null)
{
    Console.Error.WriteLine(arguments.Problem);
    Console.Error.WriteLine(DemoArguments.Usage);
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.UseUrls($"http://127.0.0.1:{arguments.Port}");
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

builder.Services
    .AddSessionStores(options =>
    {
        options.Secrets.Add(Environment.GetEnvironmentVariable("SESSION_SECRET") ?? "keyboard cat");
        options.AllowWeakSecrets = true; // a demo on this machine
        options.Cookie.Secure = SessionCookieSecurity.Auto; // it is served over plain HTTP, and in Production
        options.IdleTimeout = TimeSpan.FromMinutes(20);
    })
    .UseStoreNamed(arguments.Store, arguments.Connection);

var app = builder.Build();
app.UseExceptionHandler(failed => failed.Run(Failure.ShowAsync));
app.UseSessionStores();

app.MapGet("/", (HttpSession session) =>
    session.Get<string>("email") is null ? Results.Content(Pages.LogIn(), Pages.Html) : Results.Redirect("/admin"));

app.MapPost("/login", async (HttpSession session, HttpRequest request) =>
{
    var form = await request.ReadFormAsync();
    var email = form["email"].ToString().Trim();
    if (email.Length > 254 || !MailAddress.TryCreate(email, out _) || form["pass"].ToString().Length == 0)
    {
        const string Problem = "Enter an e-mail address and a password.";
        return request.WantsPage()
            ? Results.Content(Pages.LogIn(Problem), Pages.Html, statusCode: StatusCodes.Status400BadRequest)
            : Results.Text(Problem, statusCode: StatusCodes.Status400BadRequest);
    }

    // A new id at log-in: an id that an attacker planted before is worth nothing now.
    await session.RegenerateAsync();
    session.Set("email", email);
    session.Subject = email;
    session.Label = Devices.Describe(request.Headers.UserAgent.ToString());
    // The script of the page waits for "done", as in the tutorial; a browser without JavaScript submits the form itself, and shows what it gets.
    return request.WantsPage() ? Results.Redirect("/admin") : Results.Text("done");
}).DisableAntiforgery();

app.MapGet("/admin", (HttpSession session) =>
    Results.Content(session.Get<string>("email") is { } email ? Pages.Admin(email) : Pages.LogInFirst, Pages.Html));

// A link to log out is part of the tutorial. A GET changes nothing here: it asks, and the form logs out.
app.MapGet("/logout", (HttpSession session) => session.Subject is null ? Results.Redirect("/") : Results.Content(Pages.LogOut, Pages.Html));

app.MapPost("/logout", async (HttpSession session) =>
{
    await session.DestroyAsync();
    return Results.Redirect("/");
});

app.MapDevices();

app.MapGet("/session", (HttpSession session) => Results.Content(Pages.Session(session, arguments.Store), Pages.Html));

await app.StartAsync();
Console.WriteLine($"LoginDemo on the {arguments.Store} store: {app.Urls.First()}");
await app.WaitForShutdownAsync();
return 0;
