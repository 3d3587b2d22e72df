using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using SessionStores.Backends;

namespace SessionStores.Samples.Tests;

public sealed partial class AspireTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    private static bool IsRequired => (Environment.GetEnvironmentVariable("SESSIONSTORES_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries).Contains("containers");

    [Fact]
    public async Task The_site_uses_the_connection_that_the_app_host_names()
    {
        await using var server = await ServerOf.StartAsync("redis");
        await using var sample = await RunningSample.StartAsync("Aspire/Site", ("ConnectionStrings__sessions", server.ConnectionString!));
        using var person = sample.NewBrowser();

        Assert.StartsWith("Seen 1 times", await person.GetStringAsync(sample.Address), StringComparison.Ordinal);
        Assert.StartsWith("Seen 2 times", await person.GetStringAsync(sample.Address), StringComparison.Ordinal);
        Assert.Equal("Healthy", await person.GetStringAsync(new Uri(sample.Address, "health")));
    }

    [Fact]
    public async Task The_site_does_not_start_without_the_connection_and_names_it()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningSample.StartAsync("Aspire/Site"));

        Assert.Contains("names the connection string 'sessions', which is not configured in ConnectionStrings", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_replicas_that_the_app_host_starts_share_a_session()
    {
        var reason = await ContainerEngine.WhyNotAsync(ContainerImages.Redis, CancellationToken.None);
        Assert.SkipWhen(reason is not null && !IsRequired, $"Aspire starts Redis in a container, and {reason}.");
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>();
        UseImageOfTheTests(Assert.Single(builder.Resources.OfType<RedisResource>()));
        await using var app = await builder.BuildAsync().WaitAsync(Deadline);
        await app.StartAsync().WaitAsync(Deadline);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("site").WaitAsync(Deadline);
        var address = app.GetEndpoint("site");

        // A new connection for each request, so that either replica gets it. The second one may still be starting, and then refuses connections.
        var cookies = new CookieContainer();
        var processes = new HashSet<string>();
        var seen = 0;
        using var limit = new CancellationTokenSource(Deadline);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (processes.Count < 2 && await pause.WaitForNextTickAsync(limit.Token))
        {
            using var person = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = address };
            if (await TryGetAsync(person, limit.Token) is not { } page)
                continue;

            var view = Seen().Match(page);
            Assert.Equal(++seen, int.Parse(view.Groups["times"].Value, CultureInfo.InvariantCulture));
            processes.Add(view.Groups["process"].Value);
        }
    }

    /// <summary>Returns null if there was no connection to a process.</summary>
    private static async Task<string?> TryGetAsync(HttpClient person, CancellationToken cancellationToken)
    {
        try
        {
            return await person.GetStringAsync(new Uri("/", UriKind.Relative), cancellationToken);
        }
        catch (HttpRequestException failure) when (failure.StatusCode is null)
        {
            return null;
        }
    }

    private static void UseImageOfTheTests(RedisResource redis)
    {
        var image = redis.Annotations.OfType<ContainerImageAnnotation>().Last();
        var name = ContainerImages.FullName(ContainerImages.Redis).Split(':');
        (image.Registry, image.Image, image.Tag) = (null, name[0], name[1]);
    }

    [GeneratedRegex("Seen (?<times>[0-9]+) times, now by process (?<process>[0-9]+)")]
    private static partial Regex Seen();
}
