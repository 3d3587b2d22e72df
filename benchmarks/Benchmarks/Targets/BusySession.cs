using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;
using SessionStores.Memory;
using static SessionStores.Benchmarks.Targets.Statistics;

namespace SessionStores.Benchmarks.Targets;

/// <summary>What 200 parallel writers of one session do to the changes of other users, on a store whose calls take 20 ms. Both are measured in
/// turns, so that a busy machine slows down both.</summary>
internal static class BusySession
{
    private const int Writers = 200;
    private const int Users = 16;
    private const double MaxRatio = 1.5;
    private static readonly TimeSpan StoreTime = TimeSpan.FromMilliseconds(20);

    public static async Task<IReadOnlyList<Target>> MeasureAsync(bool isQuick)
    {
        var services = new ServiceCollection();
        services.AddSessionStores(options => options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ")).UseStore(_ => new SlowStore(new MemoryStore()));
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<ISessionStore>();
        var sessions = provider.GetRequiredService<SessionAccess>();
        foreach (var id in Enumerable.Range(0, Users).Select(IdOf).Append("busy"))
            await store.SetAsync(id, new SessionContent("{\"cookie\":{}}"u8.ToArray(), TimeSpan.FromHours(1)));

        await ChangesAsync(sessions, 20);
        List<double> calm = [], underFire = [];
        var writes = (Done: 0, Failed: 0);
        for (var round = 0; round < (isQuick ? 3 : 10); round++)
        {
            calm.AddRange(await ChangesAsync(sessions, 20));
            using var cease = new CancellationTokenSource();
            var fire = Enumerable.Range(0, Writers).Select(_ => WriteAsync(sessions, cease.Token)).ToList();
            underFire.AddRange(await ChangesAsync(sessions, 20));
            await cease.CancelAsync();
            foreach (var (done, failed) in await Task.WhenAll(fire))
                writes = (writes.Done + done, writes.Failed + failed);
        }

        var (before, during) = (Quantile(calm, 0.99), Quantile(underFire, 0.99));
        return
        [
            Target.Counted(
                "store of 20 ms, 200 parallel writers of one session: p99 of another user's change against calm", "≤ 1.50",
                string.Create(CultureInfo.InvariantCulture, $"{during / before:F2} ({during:F1} ms against {before:F1} ms, medians {Median(underFire):F1} and {Median(calm):F1} ms; {underFire.Count} changes of {Users} users each, {writes.Done} writes of the busy session, {writes.Failed} in conflict to the end)"),
                during / before <= MaxRatio),
        ];
    }

    private static string IdOf(int user) => $"user-{user}";

    /// <summary>Changes by other users, each of whom has a session of its own; milliseconds.</summary>
    private static async Task<IEnumerable<double>> ChangesAsync(SessionAccess sessions, int count)
    {
        var users = Enumerable.Range(0, Users).Select(user => Task.Run(async () =>
        {
            var times = new List<double>(count);
            for (var change = 0; change < count; change++)
            {
                var started = Stopwatch.GetTimestamp();
                await ChangeAsync(sessions, IdOf(user));
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return times;
        })).ToList();
        return (await Task.WhenAll(users)).SelectMany(times => times);
    }

    private static async Task<(int Done, int Failed)> WriteAsync(SessionAccess sessions, CancellationToken cease)
    {
        var writes = (Done: 0, Failed: 0);
        while (!cease.IsCancellationRequested)
        {
            try
            {
                await ChangeAsync(sessions, "busy");
                writes.Done++;
            }
            catch (SessionConflictException)
            {
                writes.Failed++;
            }
        }

        return writes;
    }

    private static async Task ChangeAsync(SessionAccess sessions, string id)
    {
        var session = await sessions.LoadAsync(id) ?? throw new InvalidOperationException("A session is gone.");
        session.Update<int>("count", static count => count + 1);
        await session.SaveAsync();
    }

    /// <summary>Each call takes as long as a server that is far away.</summary>
    private sealed class SlowStore(MemoryStore inner) : ISessionStore
    {
        public async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
        {
            await Task.Delay(StoreTime, cancellationToken);
            return await inner.GetAsync(id, slide, cancellationToken);
        }

        public async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
        {
            await Task.Delay(StoreTime, cancellationToken);
            return await inner.CreateAsync(id, content, cancellationToken);
        }

        public async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
        {
            await Task.Delay(StoreTime, cancellationToken);
            return await inner.ReplaceAsync(id, version, content, cancellationToken);
        }

        public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
        {
            await Task.Delay(StoreTime, cancellationToken);
            await inner.SetAsync(id, content, cancellationToken);
        }

        public async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
        {
            await Task.Delay(StoreTime, cancellationToken);
            return await inner.TouchAsync(id, lifetime, cancellationToken);
        }

        public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
        {
            await Task.Delay(StoreTime, cancellationToken);
            return await inner.DestroyAsync(id, cancellationToken);
        }

        public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
        {
            await Task.Delay(StoreTime, cancellationToken);
            return await inner.RotateAsync(id, newId, version, content, cancellationToken);
        }
    }
}
