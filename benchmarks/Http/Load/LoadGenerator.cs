using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace SessionStores.Http.Load;

/// <summary>Loads a server where wrk is not installed: each connection sends its next request when it has the answer to the last one.</summary>
internal static class LoadGenerator
{
    private const int Buckets = 100_000;
    private const int MicrosecondsPerBucket = 50;

    public static async Task<int> RunAsync(Uri url, string cookies, int connections, double seconds)
    {
        var requests = File.ReadAllLines(cookies).Select(cookie => Request(url, $"Cookie: {cookie}\r\n")).ToArray();
        if (requests.Length == 0)
            requests = [Request(url, "")];

        var histogram = new long[Buckets];
        var next = 0;
        var errors = 0L;
        var until = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds + 2));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(ConnectAsync)));
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var total = histogram.Sum();
        Console.WriteLine(JsonSerializer.Serialize(new LoadResult(total, took, Percentile(histogram, total, 0.5), Percentile(histogram, total, 0.99), errors)));
        return 0;

        async Task ConnectAsync()
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var buffer = new byte[16 * 1024];
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, url.Port, patience.Token);
                while (Stopwatch.GetTimestamp() < until)
                {
                    var begun = Stopwatch.GetTimestamp();
                    await socket.SendAsync(requests[(uint)Interlocked.Increment(ref next) % requests.Length], patience.Token);
                    if (!await ReceiveAsync(socket, buffer, patience.Token))
                    {
                        Interlocked.Increment(ref errors);
                        continue;
                    }

                    var bucket = (int)(Stopwatch.GetElapsedTime(begun).TotalMicroseconds / MicrosecondsPerBucket);
                    Interlocked.Increment(ref histogram[Math.Min(bucket, Buckets - 1)]);
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                Interlocked.Increment(ref errors);
            }
        }
    }

    private static byte[] Request(Uri url, string cookie) =>
        Encoding.ASCII.GetBytes($"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\n{cookie}\r\n");

    /// <summary>Reads one answer: its head, and as many bytes as it announces. Answers whether it is a success.</summary>
    private static async Task<bool> ReceiveAsync(Socket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                throw new SocketException((int)SocketError.ConnectionReset);

            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0 && IsWhole(buffer.AsSpan(0, length), end))
                return buffer.AsSpan(0, length).StartsWith("HTTP/1.1 2"u8);
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer, int end)
    {
        var head = Encoding.ASCII.GetString(answer[..end]);
        var at = head.IndexOf("content-length:", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return answer[(end + 4)..].EndsWith("0\r\n\r\n"u8);

        var line = head.AsSpan(at + "content-length:".Length);
        var stop = line.IndexOf('\r');
        return answer.Length >= end + 4 + int.Parse(stop < 0 ? line : line[..stop]);
    }

    private static double Percentile(long[] histogram, long total, double share)
    {
        var left = (long)Math.Ceiling(total * share);
        var bucket = 0;
        while (bucket < Buckets - 1 && (left -= histogram[bucket]) > 0)
            bucket++;

        return (bucket + 0.5) * MicrosecondsPerBucket;
    }
}
