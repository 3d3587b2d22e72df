using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Servers;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>The Node process in which the Express sites run. It notes what Node must never do: answer 500 or drop a connection.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<string> _trouble = [];

    private NodeProcess(Process process) => _process = process;

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Patience { get; private set; } = TimeSpan.FromSeconds(30);

    /// <param name="folder">Where <c>main.js</c> is.</param>
    /// <param name="clockAhead">How far the clock of the process is ahead of the machine's.</param>
    public static NodeProcess Start(string folder, TimeSpan clockAhead = default)
    {
        var start = new ProcessStartInfo("node", ["--import", "./clock.js", "main.js"])
        {
            Environment = { ["CLOCK_AHEAD"] = clockAhead.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture) },
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new NodeProcess(Process.Start(start) ?? throw new InvalidOperationException("Node did not start."));
    }

    public async Task<Site> StartSiteAsync(SharedServer server, SiteOptions options)
    {
        var store = server.ToNode(options);
        var answer = await AskAsync(new JsonObject { ["start"] = new JsonObject { ["store"] = store, ["session"] = options.ToExpress() } });
        return new NodeSite(this, new Uri($"http://127.0.0.1:{answer.GetProperty("port").GetInt32()}")) { ClockAhead = options.ClockAhead };
    }

    public void NoteResponse(HttpResponseMessage response)
    {
        if ((int)response.StatusCode < 500)
            return;

        lock (_trouble)
        {
            _trouble.Add($"answered {(int)response.StatusCode} to {response.RequestMessage?.RequestUri?.AbsolutePath}");
        }
    }

    public void NoteDropped(HttpRequestMessage request, Exception failure)
    {
        lock (_trouble)
        {
            _trouble.Add($"did not answer {request.RequestUri?.AbsolutePath}: {failure.Message}");
        }
    }

    /// <summary>What went wrong since the last question, also errors that came after the answer was sent.</summary>
    public async Task<IReadOnlyList<string>> TakeTroubleAsync()
    {
        var answer = await AskAsync(new JsonObject { ["errors"] = true });
        lock (_trouble)
        {
            IReadOnlyList<string> all = [.. _trouble, .. answer.GetProperty("errors").EnumerateArray().Select(error => error.GetString()!)];
            _trouble.Clear();
            return all;
        }
    }

    /// <summary>What goes wrong while something is done that is meant to go wrong; it does not count.</summary>
    public async Task<IReadOnlyList<string>> TroubleOfAsync(Func<Task> action)
    {
        var patience = Patience;
        Patience = TimeSpan.FromSeconds(3);
        try
        {
            await action();
        }
        catch (CheckFailedException)
        {
            // Node did not answer, which is part of the trouble.
        }

        Patience = patience;
        return await TakeTroubleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _turn.Dispose();
    }

    private async Task<JsonElement> AskAsync(JsonObject question)
    {
        await _turn.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(question.ToJsonString());
            await _process.StandardInput.FlushAsync();
            var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The Node process has ended.");
            var answer = JsonDocument.Parse(line).RootElement;
            return answer.TryGetProperty("failed", out var failure) ? throw new InvalidOperationException($"Node: {failure}") : answer;
        }
        finally
        {
            _turn.Release();
        }
    }
}
