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
    private readonly NetworkStream _stream;
    private readonly StreamReader _replies;

    private RespClient(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        // A character for a byte, as lengths count bytes.
        _replies = new StreamReader(_stream, Encoding.Latin1);
    }

    /// <summary>Connects, and authenticates when there is a password.</summary>
    public static async Task<RespClient> ConnectAsync(
        string host, int port, string? password = null, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            var client = new RespClient(socket);
            if (password is not null)
                await client.SendAsync(cancellationToken, "AUTH", password);
            return client;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="SendAsync(CancellationToken, string[])"/>
    public Task<object?> SendAsync(params string[] command) => SendAsync(CancellationToken.None, command);

    /// <summary>Sends one command and returns its reply: <see cref="string"/>, <see cref="long"/>, an array of replies, or null.</summary>
    /// <exception cref="RespErrorException">The server replied with an error.</exception>
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

    /// <inheritdoc/>
    public void Dispose() => _replies.Dispose();

    private async Task<object?> ReadReplyAsync(CancellationToken cancellationToken)
    {
        var line = await _replies.ReadLineAsync(cancellationToken) ?? throw new EndOfStreamException("The server ended the connection.");
        var rest = Decode(line.AsSpan(1));
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
                var bytes = new char[int.Parse(rest, CultureInfo.InvariantCulture) + 2];
                return await _replies.ReadBlockAsync(bytes, cancellationToken) == bytes.Length
                    ? Decode(bytes.AsSpan(..^2))
                    : throw new EndOfStreamException("The server ended the connection.");
            case '*':
                var items = new object?[int.Parse(rest, CultureInfo.InvariantCulture)];
                for (var index = 0; index < items.Length; index++)
                    items[index] = await ReadReplyAsync(cancellationToken);
                return items;
            default:
                throw new IOException($"The server sent '{line}', which is no reply of Redis.");
        }
    }

    private static string Decode(ReadOnlySpan<char> bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes.ToArray()));
}

/// <summary>A Redis server replied with an error; the message is its text.</summary>
public sealed class RespErrorException(string message) : Exception(message);
