using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SideBySide;

/// <summary>The servers that the sample starts for itself. They end with it.</summary>
internal sealed class OwnServers : IDisposable
{
    private const string Announcement = "Express: ";
    private readonly List<Process> _started = [];

    /// <summary>Starts a Redis that keeps nothing, and returns its address.</summary>
    public string StartRedis()
    {
        var port = FreePort();
        Start(new ProcessStartInfo("redis-server", ["--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no"]) { RedirectStandardOutput = true })
            .BeginOutputReadLine();
        return $"127.0.0.1:{port}";
    }

    /// <summary>Installs the packages of the Express application, starts it, and returns its address.</summary>
    public async Task<Uri> StartExpressAsync(string folder, string redis)
    {
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error"]))!;
            await npm.WaitForExitAsync();
            if (npm.ExitCode != 0)
                throw new InvalidOperationException($"npm ci failed in {folder}; its output is above.");
        }

        var express = Start(new ProcessStartInfo("node", [Path.Combine(folder, "app.js"), "0", $"redis://{redis}"]) { RedirectStandardOutput = true });
        while (await express.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
                return new Uri(line[Announcement.Length..]);
        }

        throw new InvalidOperationException("Express ended before it listened; its output is above.");
    }

    /// <summary>Without one of its servers the site is of no use.</summary>
    public void WhenOneEnds(Action stop)
    {
        foreach (var process in _started)
        {
            process.Exited += (_, _) => stop();
            process.EnableRaisingEvents = true;
        }
    }

    public void Dispose()
    {
        foreach (var process in _started)
        {
            process.Kill();
            process.Dispose();
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
