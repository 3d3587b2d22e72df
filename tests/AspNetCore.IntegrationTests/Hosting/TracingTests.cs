using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

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
        Assert.All(_spans.Where(span => span.Parent?.OperationName.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) == true), span =>
        {
            Assert.Equal(ActivityKind.Client, span.Kind);
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
            Assert.NotNull(span.GetTagItem("db.system.name"));
            Assert.Equal(span.OperationName, span.GetTagItem("db.operation.name"));
        });
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
