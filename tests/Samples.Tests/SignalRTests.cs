using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Playwright;

namespace SessionStores.Samples.Tests;

public sealed class SignalRTests(BrowserFixture browser)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_connection_ends_with_its_session_and_others_continue()
    {
        await using var sample = await RunningSample.StartAsync("SignalR");
        await using var mia = await Visitor.LogInAsync(sample, "Mia");
        await using var bob = await Visitor.LogInAsync(sample, "Bob");

        await mia.SayAsync("hello");
        Assert.Equal("Mia: hello", await bob.HearAsync());

        // Nothing is said on the connection: it ends because the session has.
        await mia.PostAsync("logout");
        await mia.Closed.WaitAsync(Deadline);
        await bob.SayAsync("still here");
        Assert.Equal("Bob: still here", await bob.HearAsync());
    }

    [Fact]
    public async Task A_call_after_log_out_has_no_effect()
    {
        await using var sample = await RunningSample.StartAsync("SignalR");
        await using var mia = await Visitor.LogInAsync(sample, "Mia");
        await using var bob = await Visitor.LogInAsync(sample, "Bob");

        await mia.PostAsync("logout");
        await Record.ExceptionAsync(() => mia.SayAsync("from beyond")); // on a slow machine the connection has ended already
        await mia.Closed.WaitAsync(Deadline);
        await bob.SayAsync("hello");

        Assert.Equal("Bob: hello", await bob.HearAsync());
    }

    [Fact]
    public async Task A_visitor_who_is_not_logged_in_is_disconnected()
    {
        await using var sample = await RunningSample.StartAsync("SignalR");
        await using var visitor = new Visitor(sample);

        var failure = await Record.ExceptionAsync(visitor.ConnectAsync);

        // Either the connection ends while it begins, or right after that.
        if (failure is null)
            await visitor.Closed.WaitAsync(Deadline);
        Assert.True(failure is null or HttpRequestException or IOException or OperationCanceledException or WebSocketException, failure?.ToString());
    }

    [Fact]
    public async Task A_person_chats_on_the_page_until_log_out()
    {
        await using var sample = await RunningSample.StartAsync("SignalR");
        var page = await browser.NewPageAsync();

        await page.GotoAsync(sample.Address.ToString());
        await SubmitAsync(page, "login", "Mia");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Connected.");
        await SubmitAsync(page, "say", "hello");
        await Assertions.Expect(page.Locator("#said li")).ToHaveTextAsync(["Mia: hello"]);

        await page.ClickAsync("#logout");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Not connected.");
        await page.CloseAsync();
    }

    private static async Task SubmitAsync(IPage page, string form, string text)
    {
        await page.FillAsync($"#{form} input", text);
        await page.ClickAsync($"#{form} button");
    }

    /// <summary>The cookies and the connection of one browser.</summary>
    private sealed class Visitor : IAsyncDisposable
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
        private readonly HttpClient _http;
        private readonly HubConnection _connection;

        public Visitor(RunningSample sample)
        {
            var cookies = new CookieContainer();
            _http = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = sample.Address };
            _connection = new HubConnectionBuilder().WithUrl(new Uri(sample.Address, "chat"), options => options.Cookies = cookies).Build();
            _connection.On<string, string>("said", (name, text) => _heard.Writer.TryWrite($"{name}: {text}"));
            _connection.Closed += _ =>
            {
                _closed.TrySetResult();
                return Task.CompletedTask;
            };
        }

        public Task Closed => _closed.Task;

        public static async Task<Visitor> LogInAsync(RunningSample sample, string name)
        {
            var visitor = new Visitor(sample);
            using var response = await visitor._http.PostAsJsonAsync("login", new { name });
            response.EnsureSuccessStatusCode();
            await visitor.ConnectAsync();

            // The handshake is over before the hub knows the connection: what it hears shows that it is part of the room.
            await visitor.SayAsync("here");
            Assert.Equal($"{name}: here", await visitor.HearAsync());
            return visitor;
        }

        public Task ConnectAsync() => _connection.StartAsync();

        public async Task PostAsync(string path)
        {
            using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), null);
            response.EnsureSuccessStatusCode();
        }

        /// <summary>Sends without waiting for the result: the connection may end before.</summary>
        public Task SayAsync(string text) => _connection.SendAsync("Say", text);

        public Task<string> HearAsync() => _heard.Reader.ReadAsync().AsTask().WaitAsync(Deadline);

        public async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            _http.Dispose();
        }
    }
}
