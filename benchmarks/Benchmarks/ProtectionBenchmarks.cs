using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using SessionStores.Memory;
using SessionStores.Protection;

namespace SessionStores.Benchmarks;

/// <summary>What does protection cost a read and a change? The store is in memory, so that all of the difference is processor time of the application.</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
public class ProtectionBenchmarks
{
    private const string Id = "Zt3mF0yV9rQ1bW7cK5xN8aL2dP4hS6uE";

    private readonly MemoryStore _plain = new();
    private SessionContent _content;
    private ProtectedStore? _protected;
    private SessionVersion _plainVersion;
    private SessionVersion _protectedVersion;

    [Params(240, 4096)]
    public int PayloadBytes { get; set; }

    // Not asynchronous: in this process BenchmarkDotNet does not wait for that. A store in memory completes at once.
    [GlobalSetup]
    public void SetUp()
    {
        var options = new SessionProtectionOptions();
        options.Keys.Add(new SessionProtectionKey(RandomNumberGenerator.GetBytes(SessionProtectionKey.LeastBytes)));
        _protected = new ProtectedStore(new MemoryStore(), options);
        _content = new SessionContent(Payloads.Of(PayloadBytes), TimeSpan.FromHours(1), "alice");
        _plainVersion = _plain.CreateAsync(Id, _content).GetAwaiter().GetResult().Version;
        _protectedVersion = _protected.CreateAsync(Id, _content).GetAwaiter().GetResult().Version;
    }

    [Benchmark]
    public ValueTask<SessionRecord?> Read() => _plain.GetAsync(Id);

    [Benchmark]
    public ValueTask<SessionRecord?> ReadProtected() => _protected!.GetAsync(Id);

    [Benchmark]
    public async ValueTask Change() => _plainVersion = (await _plain.ReplaceAsync(Id, _plainVersion, _content)).Version;

    [Benchmark]
    public async ValueTask ChangeProtected() => _protectedVersion = (await _protected!.ReplaceAsync(Id, _protectedVersion, _content)).Version;
}
