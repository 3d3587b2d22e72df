using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What the middleware allocates for a request, beside what the request itself costs.</summary>
public sealed class AllocationTests
{
    private const int MostOfWaitingSave = 480;

    [Fact]
    public async Task A_request_that_reads_a_value_allocates_little()
    {
        var (pipeline, cookie) = await BuildAsync(context => _ = context.GetHttpSession()!.Get<int>("n"));

        var bytes = Measure(pipeline, cookie);

        Assert.True(bytes <= 1000, $"A read allocates {bytes} bytes.");
    }

    [Fact]
    public async Task A_request_that_changes_a_value_allocates_little()
    {
        var (pipeline, cookie) = await BuildAsync(context => context.GetHttpSession()!.Update<int>("n", static n => n + 1));

        var bytes = Measure(pipeline, cookie);

        Assert.True(bytes <= 1920, $"A change allocates {bytes} bytes.");
    }

    [Fact]
    public async Task A_request_without_a_cookie_that_ignores_its_session_allocates_next_to_nothing()
    {
        var (pipeline, _) = await BuildAsync(_ => { });

        var bytes = Measure(pipeline, null);

        Assert.True(bytes <= 160, $"A visitor allocates {bytes} bytes.");
    }

    [Fact]
    public async Task A_request_without_a_cookie_that_looks_for_a_value_allocates_little()
    {
        var (pipeline, _) = await BuildAsync(context => _ = context.GetHttpSession()!.Get<string>("user"));

        var bytes = Measure(pipeline, null);

        Assert.True(bytes <= 544, $"A look allocates {bytes} bytes.");
    }

    [Fact]
    public async Task A_save_that_waits_for_its_server_holds_few_objects()
    {
        var result = SessionWriteResult.Written(SessionVersion.Of("{}"u8.ToArray(), null));
        var pending = new TaskCompletionSource<SessionWriteResult>();

        var bytes = await MeasureAsync(pending.Task) - await MeasureAsync(Task.FromResult(result));
        pending.SetResult(result);

        Assert.True(bytes <= MostOfWaitingSave, $"A save that waits holds {bytes} bytes more than one that does not.");

        async Task<long> MeasureAsync(Task<SessionWriteResult> written)
        {
            var (pipeline, cookie) = await BuildAsync(
                context => context.GetHttpSession()!.Update<int>("n", static n => n + 1), memory => new WaitingStore(memory, written));
            return Measure(pipeline, cookie);
        }
    }

    private static async Task<(RequestDelegate Pipeline, string Cookie)> BuildAsync(Action<HttpContext> handler, Func<MemoryStore, ISessionStore>? wrap = null)
    {
        var services = new ServiceCollection();
        var memory = new MemoryStore();
        services.AddSessionStores(options =>
        {
            options.Secrets.Add(Site.Secret);
            options.AllowWeakSecrets = true;
        }).UseStore(_ => wrap?.Invoke(memory) ?? memory);
        var provider = services.BuildServiceProvider();
        var payload = """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"n":1,"email":"customer@example.com","cart":[1,2,3]}"""u8.ToArray();
        await memory.SetAsync("id", new SessionContent(payload, DateTimeOffset.MaxValue));
        var app = new ApplicationBuilder(provider);
        app.UseSessionStores();
        app.Run(context =>
        {
            handler(context);
            return Task.CompletedTask;
        });
        return (app.Build(), "connect.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign("id", Site.Secret)));
    }

    /// <summary>Bytes per request on this thread: the memory store completes synchronously, so nothing leaves it.</summary>
    private static long Measure(RequestDelegate pipeline, string? cookie)
    {
        var isOptimized = typeof(HttpSession).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled != true;
        Assert.SkipUnless(isOptimized, "In a debug build async methods allocate their state machines; run the tests with -c Release.");

        const int Requests = 2000;
        Run(pipeline, cookie, Requests);
        Run(_ => Task.CompletedTask, cookie, Requests);
        var with = Run(pipeline, cookie, Requests);
        var without = Run(_ => Task.CompletedTask, cookie, Requests);
        TestContext.Current.TestOutputHelper?.WriteLine($"{(with - without) / Requests} bytes for a request");
        return (with - without) / Requests;
    }

    private static long Run(RequestDelegate pipeline, string? cookie, int requests)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var request = 0; request < requests; request++)
        {
            var context = new DefaultHttpContext();

            // The response headers of a server have fields for the headers of the session; this dictionary would grow.
            context.Features.GetRequiredFeature<IHttpResponseFeature>().Headers = new HeaderDictionary(8);
            if (cookie is not null)
                context.Request.Headers.Cookie = cookie;

            // Not in an assertion of Debug: those are left out where this is measured. A save that waits does not end.
            if (pipeline(context).IsFaulted)
                throw new InvalidOperationException("The request failed.");
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Reads at once, and writes when it is told to.</summary>
    private sealed class WaitingStore(MemoryStore inner, Task<SessionWriteResult> written) : ISessionStore
    {
        public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) => inner.GetAsync(id, slide, cancellationToken);

        public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) => new(written);

        public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
