using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;
using SessionStores.Memory;

namespace SessionStores.Benchmarks;

/// <summary>What does the middleware cost a request, with the sessions in memory and without a server or a network around it? The difference
/// between a row and the one without sessions.</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
public class RequestBenchmarks
{
    private readonly string[] _cookies = new string[2048];
    private ServiceProvider? _services;
    private readonly RequestDelegate _none = Answer;
    private RequestDelegate _unused = Answer;
    private RequestDelegate _read = Answer;
    private RequestDelegate _change = Answer;
    private int _turn;

    [GlobalSetup]
    public void SetUp()
    {
        var services = new ServiceCollection();
        services.AddSessionStores(options =>
        {
            options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ");
            options.Cookie.Secure = SessionCookieSecurity.Never; // the requests have no scheme
            options.Cookie.SameSite = SessionSameSite.Unset;
        }).UseMemory();
        _services = services.BuildServiceProvider();
        _unused = Pipeline(Answer);
        _read = Pipeline(context =>
        {
            _ = context.GetHttpSession()!.Get<string>("user");
            return Answer(context);
        });
        _change = Pipeline(context =>
        {
            context.GetHttpSession()!.Update<int>("views", static views => views + 1);
            return Answer(context);
        });
        var seed = Pipeline(context =>
        {
            context.GetHttpSession()!.SetRaw("user", "\"user-1000\""u8);
            context.GetHttpSession()!.SetRaw("basket", "\"4711:2,0815:1,1234:10,9001:1\""u8);
            context.GetHttpSession()!.SetRaw("token", "\"Zt3mF0yV9rQ1bW7cK5xN8aL2dP4hS6uE\""u8);
            return Answer(context);
        });
        for (var session = 0; session < _cookies.Length; session++)
        {
            var context = Request(null);
            seed(context).GetAwaiter().GetResult();
            var header = context.Response.Headers.SetCookie.ToString();
            _cookies[session] = header[..header.IndexOf(';')];
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _services?.Dispose();

    [Benchmark(Baseline = true)]
    public Task NoSessions() => _none(Request(NextCookie()));

    [Benchmark]
    public Task Unused() => _unused(Request(NextCookie()));

    [Benchmark]
    public Task Read() => _read(Request(NextCookie()));

    [Benchmark]
    public Task Change() => _change(Request(NextCookie()));

    [Benchmark]
    public Task NoSessionsNoCookie() => _none(Request(null));

    [Benchmark]
    public Task UnusedNoCookie() => _unused(Request(null));

    [Benchmark]
    public Task ReadNoCookie() => _read(Request(null));

    /// <summary>A string of its own each time, as a server makes it.</summary>
    private string NextCookie() => new(_cookies[_turn++ & (_cookies.Length - 1)]);

    private RequestDelegate Pipeline(RequestDelegate handler)
    {
        var app = new ApplicationBuilder(_services!);
        app.UseSessionStores();
        app.Run(handler);
        return app.Build();
    }

    private static Task Answer(HttpContext context) => ((Response)context.Features.GetRequiredFeature<IHttpResponseFeature>()).StartAsync();

    private static DefaultHttpContext Request(string? cookie)
    {
        var request = new HttpRequestFeature();
        if (cookie is not null)
            request.Headers.Cookie = cookie;

        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new Response());
        return new DefaultHttpContext(features);
    }

    /// <summary>A response that does nothing but start.</summary>
    private sealed class Response : HttpResponseFeature
    {
        private Func<object, Task>? _starting;
        private object? _state;
        private bool _hasStarted;

        public override bool HasStarted => _hasStarted;

        public override void OnStarting(Func<object, Task> callback, object state) => (_starting, _state) = (callback, state);

        public async Task StartAsync()
        {
            if (_starting is not null)
                await _starting(_state!);

            _hasStarted = true;
        }
    }
}
