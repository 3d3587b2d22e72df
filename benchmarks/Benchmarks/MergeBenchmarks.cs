using BenchmarkDotNet.Attributes;
using SessionStores.AspNetCore;

namespace SessionStores.Benchmarks;

/// <summary>What does a conflict cost before it is tried again: reading what is stored now, and putting this request's changes onto it?</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
public class MergeBenchmarks
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly byte[] Changed = "1001"u8.ToArray();
    private SessionRecord? _loaded;
    private SessionRecord? _stored;

    [Params(200, 4096)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var payload = Payloads.Of(PayloadBytes);
        _loaded = new SessionRecord("id", payload, Now.AddHours(1), TimeSpan.FromHours(1), null, SessionVersion.Of(payload));
        var theirs = Read(_loaded);
        theirs.Assign("user", "\"user-2000\""u8.ToArray());
        var written = theirs.Write();
        _stored = new SessionRecord("id", written, Now.AddHours(1), TimeSpan.FromHours(1), null, SessionVersion.Of(written));
    }

    [Benchmark]
    public byte[] Merge()
    {
        var ours = Read(_loaded!);
        ours.Update("views", static _ => Changed);
        ours.Rebase(Read(_stored!), static (_, clash) => clash.Ours);
        return ours.Write();
    }

    private static SessionData Read(SessionRecord record) =>
        SessionData.TryRead(record, TimeProvider.System, out var data) ? data : throw new InvalidOperationException("The payload is no session.");
}
