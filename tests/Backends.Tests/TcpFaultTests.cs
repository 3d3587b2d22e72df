using System.Net.Sockets;

namespace SessionStores.Backends.Tests;

public sealed class TcpFaultTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private BackendLease<RedisBackend> _lease = null!;
    private TcpFault _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }, None);
        Assert.SkipUnless(_lease.IsAvailable, _lease.Reason);
        _proxy = TcpFault.Start(_lease.Backend.Server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_lease.IsAvailable)
            await _proxy.DisposeAsync();
        await _lease.DisposeAsync();
    }

    [Fact]
    public async Task It_passes_everything_through_and_counts_connections()
    {
        using (var client = await ConnectAsync())
        {
            await client.SendAsync("SET", "key", "value");
            var big = new string('x', 1_000_000);
            await client.SendAsync("SET", "big", big);

            Assert.Equal(big, await client.SendAsync("GET", "big"));
            Assert.Equal(1, _proxy.Open);
        }

        await Wait.UntilAsync(() => _proxy.Open == 0, Deadline, "the proxy to see the end of the connection", None);
        Assert.Equal(1, _proxy.Accepted);
    }

    [Fact]
    public async Task A_connection_cut_before_the_reply_has_done_its_work()
    {
        using var client = await ConnectAsync();

        _proxy.DropBeforeReply();

        await Assert.ThrowsAnyAsync<IOException>(() => client.SendAsync("SET", "key", "value"));
        Assert.Equal("value", await ReadDirectlyAsync("key"));
    }

    [Fact]
    public async Task A_hanging_proxy_accepts_and_delivers_later()
    {
        using var client = await ConnectAsync();

        _proxy.Hang();
        var write = client.SendAsync("SET", "key", "value");
        using var second = await ConnectAsync();
        var ping = second.SendAsync("PING");
        await Wait.UntilAsync(() => _proxy.Accepted == 2, Deadline, "the second connection to be accepted", None);
        var whileHanging = await ReadDirectlyAsync("key");
        _proxy.PassThrough();

        Assert.Null(whileHanging);
        Assert.Equal("OK", await write.WaitAsync(Deadline, None));
        Assert.Equal("PONG", await ping.WaitAsync(Deadline, None));
        Assert.Equal("value", await ReadDirectlyAsync("key"));
    }

    [Fact]
    public async Task A_reply_is_held_back_too_while_the_proxy_hangs()
    {
        using var client = await ConnectAsync();
        var waiting = client.SendAsync("BLPOP", "list", "0");
        using var direct = await _lease.Backend.ConnectAsync(None);
        await Wait.UntilAsync(
            async token => await direct.ReadInfoAsync("blocked_clients", token) == "1", Deadline, "the client to wait for the list", None);

        _proxy.Hang();
        await direct.SendAsync("RPUSH", "list", "item");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(patience.Token));
        _proxy.PassThrough();

        Assert.Equal(["list", "item"], Assert.IsType<object?[]>(await waiting.WaitAsync(Deadline, None)));
    }

    [Fact]
    public async Task A_refusing_proxy_cuts_what_is_open_and_comes_back_on_the_same_port()
    {
        using var client = await ConnectAsync();
        var port = _proxy.Port;

        _proxy.Refuse();

        await Assert.ThrowsAnyAsync<IOException>(() => client.SendAsync("PING"));
        var refused = await Assert.ThrowsAsync<SocketException>(ConnectAsync);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        _proxy.PassThrough();
        using var again = await ConnectAsync();
        Assert.Equal("PONG", await again.SendAsync("PING"));
        Assert.Equal(port, _proxy.Port);
    }

    [Fact]
    public async Task Cutting_spares_new_connections()
    {
        using var client = await ConnectAsync();
        await client.SendAsync("PING");

        _proxy.CutAll();

        await Assert.ThrowsAnyAsync<IOException>(() => client.SendAsync("PING"));
        using var again = await ConnectAsync();
        Assert.Equal("PONG", await again.SendAsync("PING"));
    }

    private Task<RespClient> ConnectAsync() => RespClient.ConnectAsync(_proxy.Host, _proxy.Port, password: null, None);

    private async Task<object?> ReadDirectlyAsync(string key)
    {
        using var direct = await _lease.Backend.ConnectAsync(None);
        return await direct.SendAsync("GET", key);
    }
}
