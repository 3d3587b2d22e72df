using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Tool;

/// <summary>What <c>sessionstores bench</c> is to do.</summary>
internal sealed record BenchSettings(int Sessions, int Callers, TimeSpan Duration, int PayloadBytes);

/// <summary>How long the calls of one operation took, in milliseconds.</summary>
internal sealed record BenchResult(string Operation, int Calls, int Failed, double PerSecond, double P50, double P95, double P99, double Most);

/// <summary>A short load: callers that read sessions and change every fourth one.</summary>
internal sealed class BenchLoad(ISessionStore store, BenchSettings settings)
{
    private const int ReadsPerChange = 3;

    /// <summary>What is left after a killed run goes by itself.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private readonly string[] _ids = [.. Enumerable.Range(0, settings.Sessions).Select(_ => RandomNumberGenerator.GetHexString(32, lowercase: true))];
    private readonly ConcurrentBag<Exception> _failures = [];

    /// <summary>The subject of all sessions of the load.</summary>
    public const string Subject = "sessionstores-bench";

    /// <summary>Why calls failed, each reason once.</summary>
    public IReadOnlyList<string> Failures => [.. _failures.Select(failure => failure.Message).Distinct()];

    public async Task<IReadOnlyList<BenchResult>> RunAsync(Action<long> showProgress, CancellationToken cancellationToken)
    {
        var creations = new Timings("create");
        await Parallel.ForEachAsync(_ids, new ParallelOptions { MaxDegreeOfParallelism = settings.Callers, CancellationToken = cancellationToken }, async (id, token) =>
        {
            // The first failure ends the command: nothing else would work either.
            var started = Stopwatch.GetTimestamp();
            await store.CreateAsync(id, Content(0), token);
            creations.Add(started);
        });

        var (reads, changes) = (new Timings("read"), new Timings("read and change"));
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, settings.Callers).Select(caller => CallAsync(caller, start, reads, changes, showProgress, cancellationToken)));
        var elapsed = Stopwatch.GetElapsedTime(start);
        return [creations.Summary(null), reads.Summary(elapsed), changes.Summary(elapsed)];
    }

    private async Task CallAsync(int caller, long start, Timings reads, Timings changes, Action<long> showProgress, CancellationToken cancellationToken)
    {
        var round = caller;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = _ids[round % _ids.Length];
            var changesToo = round / settings.Callers % (ReadsPerChange + 1) == ReadsPerChange;
            var timings = changesToo ? changes : reads;
            var started = Stopwatch.GetTimestamp();
            try
            {
                var record = await store.GetAsync(id, null, cancellationToken);

                // Of two callers that change one session at the same time one meets a conflict: that is a result, and costs a round trip too.
                if (changesToo && record is not null)
                    await store.ReplaceAsync(id, record.Version, Content(round), cancellationToken);

                timings.Add(started);
            }
            catch (SessionStoreException failure)
            {
                timings.Failed();
                _failures.Add(failure);
            }

            if (caller == 0)
                showProgress(reads.Count + changes.Count);

            round += settings.Callers;
        }
        while (Stopwatch.GetElapsedTime(start) < settings.Duration);
    }

    private SessionContent Content(int round)
    {
        var head = $"{{\"cookie\":{{\"originalMaxAge\":600000,\"httpOnly\":true,\"path\":\"/\"}},\"round\":{round},\"text\":\"";
        var text = new string('x', Math.Max(0, settings.PayloadBytes - head.Length - 2));
        return new SessionContent(Encoding.UTF8.GetBytes($"{head}{text}\"}}"), Lifetime, Subject);
    }

    private sealed class Timings(string operation)
    {
        private readonly ConcurrentQueue<double> _milliseconds = new();
        private int _failed;

        public long Count => _milliseconds.Count;

        public void Add(long started) => _milliseconds.Enqueue(Stopwatch.GetElapsedTime(started).TotalMilliseconds);

        public void Failed() => Interlocked.Increment(ref _failed);

        public BenchResult Summary(TimeSpan? elapsed)
        {
            double[] sorted = [.. _milliseconds.Order()];
            double At(double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[(int)Math.Ceiling(share * sorted.Length) - 1], 2);
            return new BenchResult(operation, sorted.Length, _failed, elapsed is { } time ? Math.Round(sorted.Length / time.TotalSeconds) : 0, At(0.5), At(0.95), At(0.99), At(1));
        }
    }
}
