using System.Net;
using System.Text.RegularExpressions;
using SessionStores.Backends;

namespace SessionStores.Packages.Tests;

/// <summary>The template as its page says, with each store, in an empty folder on the packages.</summary>
public sealed partial class TemplateTests(PackageFeed feed)
{
    [Fact]
    public Task A_new_site_on_memory_logs_users_in_and_out() => CheckAsync("memory", null);

    [Fact]
    public async Task A_new_site_on_Redis_logs_users_in_and_out()
    {
        await using var server = await RedisBackend.StartAsync();
        Assert.SkipUnless(server.IsAvailable, server.Reason);

        await CheckAsync("redis", server.Backend.ConnectionString);
    }

    [Fact]
    public async Task A_new_site_on_PostgreSQL_logs_users_in_and_out()
    {
        await using var server = await PostgresBackend.StartAsync();
        Assert.SkipUnless(server.IsAvailable, server.Reason);

        await CheckAsync("postgres", await server.Backend.CreateDatabaseAsync());
    }

    [Fact]
    public async Task A_new_site_on_MongoDB_logs_users_in_and_out()
    {
        await using var server = await MongoBackend.StartAsync();
        Assert.SkipUnless(server.IsAvailable, server.Reason);

        await CheckAsync("mongo", server.Backend.NewDatabase());
    }

    private async Task CheckAsync(string store, string? connection)
    {
        var package = feed.FileOf(PackageFeed.Templates);
        using var folder = new EmptyFolder();
        var site = Path.Combine(folder.Path, "My-Shop");
        string[] apart = ["--debug:custom-hive", Path.Combine(folder.Path, "templates")];
        await DotNetCli.RunInAsync(folder.Path, ["new", "install", package, .. apart]);
        await DotNetCli.RunInAsync(folder.Path, ["new", "sessionstores", "-o", "My-Shop", "--store", store, .. apart]);

        Assert.Equal(store == "memory" ? [] : ["compose.yaml"], Directory.GetFiles(site, "compose*").Select(Path.GetFileName));
        Assert.DoesNotContain(Directory.GetFiles(site), file => File.ReadAllText(file).Contains("#if", StringComparison.Ordinal));
        var address = $"http://localhost:{RunningSite.FreePort()}";
        KeyValuePair<string, string>[] environment = connection is null ? [] : [new("ConnectionStrings__sessions", connection)];
        await using (var running = await RunningSite.StartAsync(site, folder.Path, address, ["run", "--urls", address], environment))
        {
            await VisitAsync(running.Address);
        }

        folder.PrintTime($"The template with --store {store}");
    }

    private static async Task VisitAsync(Uri site)
    {
        using var laptop = new Visitor(site, "Laptop <b>");
        using var phone = new Visitor(site, "Phone");
        Assert.Equal("/Login", await laptop.PathAfterAsync("/Devices"));
        Assert.Contains("is wrong", await laptop.LogInAsync("not the password"), StringComparison.Ordinal);

        await laptop.LogInAsync("demo");
        await phone.LogInAsync("demo");
        var devices = await laptop.GetAsync("/Devices");
        Assert.Contains("Laptop &lt;b&gt;", devices, StringComparison.Ordinal);
        Assert.Contains("Phone", devices, StringComparison.Ordinal);
        Assert.Single(ThisDevice().Matches(devices));

        var handle = Handle().Match(devices).Groups["handle"].Value;
        devices = await laptop.SubmitAsync("/Devices", $"/Devices?handler=LogOutOne&handle={handle}", []);
        Assert.DoesNotContain("Phone", devices, StringComparison.Ordinal);
        Assert.Equal("/Login", await phone.PathAfterAsync("/Devices"));

        await phone.LogInAsync("demo");
        devices = await laptop.SubmitAsync("/Devices", "/Devices?handler=LogOutOthers", []);
        Assert.DoesNotContain("Phone", devices, StringComparison.Ordinal);
        Assert.Equal("/Login", await phone.PathAfterAsync("/Devices"));
        Assert.Equal("/Devices", await laptop.PathAfterAsync("/Devices"));

        Assert.Contains("You are not logged in", await laptop.SubmitAsync("/Devices", "/Logout", []), StringComparison.Ordinal);
        Assert.Equal("/Login", await laptop.PathAfterAsync("/Devices"));

        await phone.LogInAsync("demo");
        await laptop.LogInAsync("demo");
        await laptop.SubmitAsync("/Devices", "/Devices?handler=LogOutEverywhere", []);
        Assert.Equal("/Login", await laptop.PathAfterAsync("/Devices"));
        Assert.Equal("/Login", await phone.PathAfterAsync("/Devices"));
    }

    [GeneratedRegex("this device")]
    private static partial Regex ThisDevice();

    [GeneratedRegex("[?;]handle=(?<handle>[0-9a-f]{32})")]
    private static partial Regex Handle();

    /// <summary>A browser without JavaScript.</summary>
    private sealed partial class Visitor : IDisposable
    {
        private readonly HttpClient _browser;

        public Visitor(Uri site, string name)
        {
            _browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = site };
            Assert.True(_browser.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", name));
        }

        public Task<string> GetAsync(string path) => _browser.GetStringAsync(new Uri(path, UriKind.Relative));

        /// <summary>Where a request ends after redirects.</summary>
        public async Task<string> PathAfterAsync(string path)
        {
            using var response = await _browser.GetAsync(new Uri(path, UriKind.Relative));
            response.EnsureSuccessStatusCode();
            Assert.True(response.Headers.CacheControl is { NoStore: true }, "The page must not come back after log-out by the browser's Back.");
            return response.RequestMessage!.RequestUri!.AbsolutePath;
        }

        public Task<string> LogInAsync(string password) =>
            SubmitAsync("/Login", "/Login", new() { ["Email"] = "ada@example.com", ["Password"] = password });

        /// <summary>Opens a page, and submits a form of it with the token that the page has against forged requests.</summary>
        public async Task<string> SubmitAsync(string page, string action, Dictionary<string, string> fields)
        {
            var html = await GetAsync(page);
            fields["__RequestVerificationToken"] = Token().Match(html).Groups["token"].Value;
            using var form = new FormUrlEncodedContent(fields);
            using var response = await _browser.PostAsync(new Uri(action, UriKind.Relative), form);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync();
        }

        public void Dispose() => _browser.Dispose();

        [GeneratedRegex("""name="__RequestVerificationToken" type="hidden" value="(?<token>[^"]+)""")]
        private static partial Regex Token();
    }
}
