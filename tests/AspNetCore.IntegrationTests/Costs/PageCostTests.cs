using System.Diagnostics;
using System.Text;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.IntegrationTests.Costs;

/// <summary>What a page of the sessions of one user costs among many others. It measures durations, which needs an idle machine and minutes: run it with
/// <c>--explicit only</c>; <c>SESSIONSTORES_RECORDS=1000000</c> for another number of sessions.</summary>
public sealed class PageCostTests
{
    private const int Parallel = 256;
    private const int Reads = 2000;
    private const int SessionsOfAUser = 5;

    private static readonly int Sessions = int.TryParse(Environment.GetEnvironmentVariable("SESSIONSTORES_RECORDS"), out var count) ? count : 1_000_000;

    public static TheoryData<string> Stores => ServerOf.Stores;

    [Theory(Explicit = true)]
    [MemberData(nameof(Stores))]
    public async Task A_page_of_one_user_among_a_million_sessions_is_as_fast_as_among_few(string provider)
    {
        await using var server = await ServerOf.StartAsync(provider);
        var store = provider == "Memory" ? new MemoryStore(new MemoryStoreOptions { MaxSessions = 10_000_000, MaxBytes = 8L << 30 }) : server.OpenStore(provider);
        var subjects = store.GetCapability<ISessionSubjects>()!;
        await FillAsync(store, 0, 1000);
        var few = await MeasureAsync(subjects, 1000);
        await (provider switch
        {
            "Postgres" => BulkFill.PostgresAsync(server.ConnectionString!, 1000, Sessions, SessionsOfAUser),
            "Mongo" => BulkFill.MongoAsync(server.ConnectionString!, 1000, Sessions, SessionsOfAUser),
            _ => FillAsync(store, 1000, Sessions),
        });
        var many = await MeasureAsync(subjects, Sessions);

        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(
            $"{provider}: a page of {SessionsOfAUser} sessions of one user among {Sessions:N0}: p50 {many.Median:F0} us, p99 {many.P99:F0} us; among 1,000: p50 {few.Median:F0} us, p99 {few.P99:F0} us"));
        await store.CloseAsync();
        Assert.True(many.Median < few.Median * 3, $"A page takes {many.Median:F0} us among {Sessions} sessions, but {few.Median:F0} us among 1,000.");
    }

    private static string UserOf(int session) => FormattableString.Invariant($"user{session / SessionsOfAUser}");

    private static async Task FillAsync(ISessionStore store, int from, int to)
    {
        var payload = Encoding.UTF8.GetBytes($$$"""{"cookie":{"originalMaxAge":86400000,"httpOnly":true,"path":"/"},"fill":"{{{new string('x', 150)}}}"}""");
        await System.Threading.Tasks.Parallel.ForAsync(from, to, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (session, token) =>
            await store.CreateAsync(FormattableString.Invariant($"{session:x8}Zt3mF0yV9rQ1bW7cK5xN8aL2"), new SessionContent(payload, TimeSpan.FromHours(5), UserOf(session)), token));
    }

    private static async Task<(double Median, double P99)> MeasureAsync(ISessionSubjects subjects, int sessions)
    {
        var times = new List<double>();
        for (var read = 0; read < Reads + 500; read++)
        {
            var user = UserOf((int)(read * 2_654_435_761L % sessions));
            var start = Stopwatch.GetTimestamp();
            var page = await subjects.PageBySubjectAsync(user);
            var elapsed = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            Assert.Equal(SessionsOfAUser, page.Sessions.Count);
            if (read >= 500)
                times.Add(elapsed);
        }

        times.Sort();
        return (times[times.Count / 2], times[times.Count * 99 / 100]);
    }
}
