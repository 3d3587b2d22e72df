using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SessionStores.Backends;

/// <summary>
/// One plain connection to one Redis server, without pool, retry or redirect: for setting servers up and for looking at them past the driver
/// under test. One command at a time.
/// </summary>
public sealed class RespClient : IDisposable
{
    private readonly TcpClient _connection;
    private readonly NetworkStream _stream;
    private readonly BufferedStream _replies;

    private RespClient(TcpClient connection)
    {
        _connection = connection;
        _stream = connection.GetStream();
        _replies = new BufferedStream(_stream);
    }

    /// <summary>Connects, and authenticates when there is a password.</summary>
    public static async Task<RespClient> ConnectAsync(
        string host, int port, string? password = null, CancellationToken cancellationToken = default)
    {
        var connection = new TcpClient { NoDelay = true };
        try
        {
            await connection.ConnectAsync(host, port, cancellationToken);
            var client = new RespClient(connection);
            if (password is not null)
                await client.SendAsync(cancellationToken, "AUTH", password);
            return client;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="SendAsync(CancellationToken, string[])"/>
    public Task<object?> SendAsync(params string[] command) => SendAsync(CancellationToken.None, command);

    /// <summary>Sends one command and returns its reply: <see cref="string"/>, <see cref="long"/>, an array of replies, or null.</summary>
    /// <exception cref="RespErrorException">The server answered with an error.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public async Task<object?> SendAsync(CancellationToken cancellationToken, params string[] command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command)
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
        return await ReadReplyAsync(cancellationToken);
    }

    /// <summary>The value of one field of <c>INFO</c>, or null.</summary>
    public async Task<string?> ReadInfoAsync(string field, CancellationToken cancellationToken = default)
    {
        var info = (string?)await SendAsync(cancellationToken, "INFO", "everything") ?? "";
        var line = info.Split("\r\n").FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return line?[(field.Length + 1)..];
    }

    /// <summary>The product and version of the server, such as <c>Redis 8.0.2</c> or <c>Valkey 9.1.2</c>.</summary>
    public async Task<string> ReadVersionAsync(CancellationToken cancellationToken = default) =>
        await ReadInfoAsync("valkey_version", cancellationToken) is { } valkey
            ? $"Valkey {valkey}"
            : $"Redis {await ReadInfoAsync("redis_version", cancellationToken)}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _replies.Dispose();
        _connection.Dispose();
    }

    private async Task<object?> ReadReplyAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return rest;
            case '-':
                throw new RespErrorException(rest);
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '$' when rest == "-1":
            case '*' when rest == "-1":
                return null;
            case '$':
                var bytes = new byte[int.Parse(rest, CultureInfo.InvariantCulture) + 2];
                await _replies.ReadExactlyAsync(bytes, cancellationToken);
                return Encoding.UTF8.GetString(bytes.AsSpan(..^2));
            case '*':
                var items = new object?[int.Parse(rest, CultureInfo.InvariantCulture)];
                for (var index = 0; index < items.Length; index++)
                    items[index] = await ReadReplyAsync(cancellationToken);
                return items;
            default:
                throw new IOException($"The server sent '{line}', which is no reply of Redis.");
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        List<byte> line = [];
        var one = new byte[1];
        while (line.Count < 2 || line[^1] != '\n')
        {
            await _replies.ReadExactlyAsync(one, cancellationToken);
            line.Add(one[0]);
        }

        return Encoding.UTF8.GetString([.. line[..^2]]);
    }
}
