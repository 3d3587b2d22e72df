using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using SessionStores.AspNetCore;
using SessionStores.Memory;

// Shows the spans and metrics of sessions on the console: a few requests of two browsers, then the end.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSessionStores(options =>
{
    options.Secrets.Add("keyboard cat");
    options.AllowWeakSecrets = true; // a sample on this machine
    options.Cookie.Secure = SessionCookieSecurity.Auto; // over plain HTTP
    options.CountInterval = TimeSpan.FromSeconds(1);
}).UseMemory();
builder.Services.AddHealthChecks().AddSessionStore();

// OpenTelemetry.Extensions.Hosting does the same with services.AddOpenTelemetry().
var traces = Sdk.CreateTracerProviderBuilder()
    .SetSampler(new AlwaysOnSampler())
    .AddSource("Microsoft.AspNetCore", SessionStoresTelemetry.ActivitySourceName)
    .AddConsoleExporter()
    .Build();
var metrics = Sdk.CreateMeterProviderBuilder()
    .AddMeter(SessionStoresTelemetry.MeterName)
    .AddConsoleExporter()
    .Build();

var app = builder.Build();
app.UseSessionStores();
app.MapGet("/visits", (HttpSession session) =>
{
    session.Update<int>("visits", visits => visits + 1);
    return session.Get<int>("visits");
});
app.MapGet("/read", (HttpSession session) => session.Get<int>("visits"));
app.MapGet("/out", (HttpSession session) => session.DestroyAsync());
app.MapHealthChecks("/health");
await app.StartAsync();

for (var visitor = 0; visitor < 2; visitor++)
{
    using var browser = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    await browser.GetStringAsync("/visits");
    await browser.GetStringAsync("/visits");
    await browser.GetStringAsync("/read");
    if (visitor == 0)
        await browser.GetStringAsync("/out");
}

// The gauge of live sessions is polled.
await Task.Delay(TimeSpan.FromSeconds(2));
var health = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
await app.StopAsync();

// Both print what they have when they end; the health is the last line.
traces.Dispose();
metrics.Dispose();
Console.WriteLine($"health: {health.Status}, {health.Entries["sessions"].Description}");
