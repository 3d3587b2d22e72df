using System.Diagnostics;

namespace SessionStores.LoginDemo.Tests;

/// <summary>The demo as a user starts it: a process of its own on a free port.</summary>
internal sealed class RunningDemo : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private RunningDemo(Process process, string address)
    {
        _process = process;
        Address = address;
    }

    public string Address { get; }

    public static async Task<RunningDemo> StartAsync(string store, string? connection)
    {
        var start = Command("--port", "0", "--store", store);
        if (connection is not null)
        {
            start.ArgumentList.Add("--connection");
            start.ArgumentList.Add(connection);
        }

        var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Deadline);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith("LoginDemo on the ", StringComparison.Ordinal))
            {
                // Nothing more is read; the pipe must not fill up while the demo runs.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return new RunningDemo(process, line[(line.IndexOf("http", StringComparison.Ordinal))..]);
            }
        }

        throw new InvalidOperationException($"The demo ended with code {process.ExitCode}: {await process.StandardError.ReadToEndAsync(deadline.Token)}");
    }

    /// <summary>Runs the demo with arguments that it refuses.</summary>
    public static async Task<(int Code, string Error)> RefuseAsync(params string[] arguments)
    {
        using var process = Process.Start(Command(arguments))!;
        using var deadline = new CancellationTokenSource(Deadline);
        var error = await process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, error);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Command(params string[] arguments) => new(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "SessionStores.LoginDemo.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
