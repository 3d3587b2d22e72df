using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;
using SessionStores.Backends;

namespace SessionStores.AspNetCore.IntegrationTests.Hosting;

/// <summary>Spans after OpenTelemetry's conventions for database clients. They are told apart by trace, since listeners hear all tests.</summary>
public sealed class TracingTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public TracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SessionStoresTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task Every_call_to_the_store_is_a_client_span_of_the_request()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();

        var begun = await GetAsync(browser, "/begin");
        var changed = await GetAsync(browser, "/begin");
        var rotated = await GetAsync(browser, "/rotate");
        var ended = await GetAsync(browser, "/end");

        Assert.Equal(["create"], begun.Select(span => span.OperationName));
        Assert.Equal(["get", "replace"], changed.Select(span => span.OperationName));
        Assert.Equal(["get", "rotate"], rotated.Select(span => span.OperationName));
        Assert.Equal(["get", "destroy"], ended.Select(span => span.OperationName));
        Assert.All([.. begun, .. changed, .. rotated, .. ended], span =>
        {
            Assert.Equal(ActivityKind.Client, span.Kind);
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
            Assert.NotNull(span.GetTagItem("db.system.name"));
            Assert.Equal(span.OperationName, span.GetTagItem("db.operation.name"));
        });
    }

    [Fact]
    public async Task Calls_of_SessionAccess_have_spans()
    {
        await using var site = await Site.StartAsync(_ => { }, null, services => services.WrapStore(recording => new SubjectStore(recording)
        {
            BeforeSubjects = async () => await Task.Yield(),
        }));
        foreach (var id in new[] { "a", "b" })
            await site.Store.Inner.SetAsync(id, new SessionContent("""{"cookie":{}}"""u8.ToArray(), site.Clock.GetUtcNow().AddHours(1), "me"));

        using var trace = new Activity("test");
        trace.SetIdFormat(ActivityIdFormat.W3C).Start();
        var listed = 0;
        await foreach (var _ in site.Sessions.ListBySubjectAsync("me"))
            listed++;

        await site.Sessions.DestroyBySubjectAsync("me");
        trace.Stop();

        Assert.Equal(2, listed);
        Assert.Equal(["list_by_subject", "destroy_by_subject"], _spans.Where(span => span.TraceId == trace.TraceId).Select(span => span.OperationName).Distinct());
    }

    [Fact]
    public async Task Housekeeping_has_spans()
    {
        var seen = new ConcurrentQueue<string?>();
        await using var site = await Site.StartAsync(_ => { }, options => options.CountInterval = TimeSpan.FromMinutes(15), services => services.WrapStore(recording => new KeptStore(recording)
        {
            OnPrune = _ => CallAsync(),
            OnCount = CallAsync,
        }));
        await Wait.UntilAsync(() => site.Clock.WaitingTimers == 2, TimeSpan.FromSeconds(30), "the housekeeper to wait");

        site.Clock.Advance(TimeSpan.FromMinutes(18));
        await Wait.UntilAsync(() => seen.Count == 2, TimeSpan.FromSeconds(30), "pruning and counting");

        Assert.Equal(["count", "prune"], seen.Order());

        Task<long> CallAsync()
        {
            seen.Enqueue(Activity.Current?.OperationName);
            return Task.FromResult(0L);
        }
    }

    [Fact]
    public async Task A_failure_is_told_by_its_fault()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Before = _ => throw new SessionStoreException("RecordingStore", "Get", SessionStoreFault.Unavailable, "It is gone.");

        var span = Assert.Single(await GetAsync(browser, "/begin"));

        Assert.Equal("Unavailable", span.GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    [Fact]
    public async Task No_span_holds_an_id_or_a_value()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        var spans = (await GetAsync(browser, "/begin")).ToList();
        var id = browser.SessionId!;
        spans.AddRange(await GetAsync(browser, "/rotate"));

        Assert.Equal(3, spans.Count);
        Assert.All(spans, span =>
        {
            Assert.Equal(["db.operation.name", "db.system.name"], span.TagObjects.Select(tag => tag.Key).Order());
            var text = string.Join(' ', span.TagObjects.Select(tag => $"{tag.Value}")) + span.DisplayName + span.StatusDescription;
            Assert.DoesNotContain(id, text, StringComparison.Ordinal);
            Assert.DoesNotContain(browser.SessionId!, text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret value", text, StringComparison.Ordinal);
        });
    }

    public void Dispose() => _listener.Dispose();

    private static Task<Site> StartAsync() => Site.StartAsync(app =>
    {
        app.MapGet("/begin", (HttpSession session) => session.Update<int>("count", count => count + 1));
        app.MapGet("/rotate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        app.MapGet("/end", (HttpSession session) => session.DestroyAsync());
    }, options => options.Outage = OutagePolicy.ServiceUnavailable503);

    private async Task<Activity[]> GetAsync(Browser browser, string path)
    {
        var trace = ActivityTraceId.CreateRandom();
        await browser.GetAsync(path, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));
        return [.. _spans.Where(span => span.TraceId == trace)];
    }
}
