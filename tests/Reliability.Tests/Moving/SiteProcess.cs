using System.Diagnostics;
using System.Globalization;
using System.Net;
using SessionStores.Moving;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>A node in a process of its own, which can be killed.</summary>
internal sealed class SiteProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _browser;

    private SiteProcess(Process process, Uri address)
    {
        _process = process;
        _browser = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
    }

    public static async Task<SiteProcess> StartAsync(string redis, string postgres, MovingStage stage)
    {
        var process = ThisProgram.Start(MovingSite.Command, redis, postgres, $"{stage}");
        var address = await process.StandardOutput.ReadLineAsync();
        Assert.NotNull(address);
        return new SiteProcess(process, new Uri(address));
    }

    /// <summary>Logs in.</summary>
    /// <returns>The cookie.</returns>
    public async Task<string> LogInAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/log-in");
        using var response = await _browser.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    /// <summary>Makes a request.</summary>
    /// <returns>Whether the node has replied with a result, and the number in the session; null for no session.</returns>
    public async Task<(bool HasReplied, int? Number)> SendAsync(Request request, string cookie)
    {
        var (method, path) = request switch
        {
            Request.Read => (HttpMethod.Get, "/read"),
            Request.Add => (HttpMethod.Post, "/add"),
            _ => (HttpMethod.Post, "/log-out"),
        };
        using var message = new HttpRequestMessage(method, path);
        message.Headers.TryAddWithoutValidation("Cookie", cookie);
        try
        {
            using var response = await _browser.SendAsync(message);
            var body = await response.Content.ReadAsStringAsync();
            return response.StatusCode switch
            {
                HttpStatusCode.OK => (true, int.Parse(body, CultureInfo.InvariantCulture)),
                HttpStatusCode.NotFound => (true, null),
                _ => (false, null),
            };
        }
        catch (HttpRequestException)
        {
            return (false, null);
        }
    }

    /// <summary>Ends the process by SIGKILL, with all that is under way in it. Requests that are sent to it afterwards fail.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _browser.Dispose();
    }
}
