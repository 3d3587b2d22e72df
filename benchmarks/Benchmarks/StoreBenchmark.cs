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

    [GlobalSetup]
    public async Task SetUpAsync() => _subject = await Subject.StartAsync(Name, PayloadBytes)
        ?? throw new NotSupportedException($"This machine has no server for {Name}.");

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        if (_subject is not null)
            await _subject.DisposeAsync();
    }
}
