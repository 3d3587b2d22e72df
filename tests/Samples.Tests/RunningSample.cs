using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;

namespace SessionStores.Samples.Tests;

/// <summary>A sample as <c>dotnet run</c> starts it: a process of its own with the project's folder as content root, here on a free port.</summary>
internal sealed class RunningSample : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string Secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private RunningSample(Process process) => _process = process;

    public Uri Address => _address.Task.Result;

    /// <summary>What the sample has printed until now.</summary>
    public string Output => string.Join('\n', _output);

    /// <param name="project">The project file's folder below <c>samples</c>.</param>
    /// <param name="environment">More environment variables.</param>
    public static async Task<RunningSample> StartAsync(string project, params (string Name, string Value)[] environment)
    {
        var sample = new RunningSample(new Process { StartInfo = Command(project, environment), EnableRaisingEvents = true });
        sample.Run();
        try
        {
            await sample._address.Task.WaitAsync(Deadline);
        }
        catch (Exception failure)
        {
            await sample.DisposeAsync();
            throw new InvalidOperationException($"{project} did not start: {failure.Message}\n{sample.Output}", failure);
        }

        return sample;
    }

    /// <summary>Runs a sample that ends by itself, and returns what it printed.</summary>
    public static async Task<string> RunToEndAsync(string project)
    {
        using var process = Process.Start(Command(project))!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{project} ended with code {process.ExitCode}:\n{await output}{await errors}");
        return await output;
    }

    /// <summary>A browser without a window: it keeps cookies and follows no redirects.</summary>
    public HttpClient NewBrowser() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Command(string project, params (string Name, string Value)[] environment)
    {
        var name = Path.GetFileName(project);
        var start = new ProcessStartInfo("dotnet", [AssemblyOf(name)])
        {
            WorkingDirectory = Repository.PathOf($"samples/{project}"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["SessionSecret"] = Secret;
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;

        return start;
    }

    /// <summary>The output folder of a project has the name of the configuration, as that of these tests.</summary>
    private static string AssemblyOf(string name) =>
        Path.GetFullPath($"../../{name}/{new DirectoryInfo(AppContext.BaseDirectory).Name}/SessionStores.{name}.dll", AppContext.BaseDirectory);

    private void Run()
    {
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException("The process has ended."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;

        _output.Enqueue(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
    }
}
