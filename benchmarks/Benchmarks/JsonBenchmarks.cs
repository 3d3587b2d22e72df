using BenchmarkDotNet.Attributes;
using SessionStores.AspNetCore;

namespace SessionStores.Benchmarks;

/// <summary>What do reading, changing and writing a payload cost?</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
public class JsonBenchmarks
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly byte[] Changed = "1001"u8.ToArray();
    private SessionRecord? _record;

    [Params(200, 4096, 65_536)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var payload = Payloads.Of(PayloadBytes);
        _record = new SessionRecord("id", payload, Now.AddHours(1), TimeSpan.FromHours(1), null, SessionVersion.Of(payload));
    }

    [Benchmark]
    public int Read() => Parse().Get("user")!.Value.Length;

    [Benchmark]
    public byte[] ReadChangeWrite()
    {
        var data = Parse();
        data.Update("views", static _ => Changed);
        return data.Write();
    }

    private SessionData Parse() => SessionData.TryRead(_record!, TimeProvider.System, out var data) ? data : throw new InvalidOperationException("The payload is no session.");
}
