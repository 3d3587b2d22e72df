using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SessionStores.Packages.Tests;

/// <summary>A site that <c>dotnet run</c> serves, as on the machine of a developer: in Development, with a profile of its own.</summary>
internal sealed class RunningSite : IAsyncDisposable
{
    private readonly Process _process;

    private RunningSite(Process process, string address, IReadOnlyList<string> lines)
    {
        _process = process;
        Address = new Uri(address);
        Lines = lines;
    }

    public Uri Address { get; }

    /// <summary>What the site printed until it had started.</summary>
    public IReadOnlyList<string> Lines { get; }

    public static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Runs the command, and returns when the site has started.</summary>
    /// <param name="folder">The folder of the project.</param>
    /// <param name="home">An empty folder, for what the site keeps in the profile of the user.</param>
    /// <param name="address">Where the arguments let it listen.</param>
    /// <param name="arguments">Those of <c>dotnet</c>.</param>
    /// <param name="environment">Further environment variables.</param>
    public static async Task<RunningSite> StartAsync(
        string folder, string home, string address, string[] arguments, params IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = DotNetCli.StartInfo(folder, arguments);
        start.RedirectStandardError = false;
        start.Environment["XDG_DATA_HOME"] = Path.Combine(home, "data");
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        start.Environment.Remove("DOTNET_ENVIRONMENT");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var process = Process.Start(start)!;
        var lines = new List<string>();
        var site = new RunningSite(process, address, lines);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                lines.Add(line);
                if (line.Contains("Application started", StringComparison.Ordinal))
                    break;
            }

            Assert.True(lines[^1].Contains("Application started", StringComparison.Ordinal), $"The site did not start:\n{string.Join('\n', lines)}");
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
