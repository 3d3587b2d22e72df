using BenchmarkDotNet.Attributes;
using SessionStores.Benchmarks.Subjects;

namespace SessionStores.Benchmarks;

/// <summary>What the questions about stores share: a server, a session in it, and payloads of two sizes.</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
public abstract class StoreBenchmark
{
    private Subject? _subject;

    public static IEnumerable<string> Stores => Subject.Names;

    [ParamsSource(nameof(Stores))]
    public string Name { get; set; } = "";

    [Params(200, 4096)]
    public int PayloadBytes { get; set; }

    private protected Subject Subject => _subject!;

    // Not asynchronous: in this process BenchmarkDotNet does not wait for that.
    [GlobalSetup]
    public void SetUp() => _subject = Subject.StartAsync(Name, PayloadBytes).GetAwaiter().GetResult()
        ?? throw new NotSupportedException($"This machine has no server for {Name}.");

    [GlobalCleanup]
    public void CleanUp() => _subject?.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
