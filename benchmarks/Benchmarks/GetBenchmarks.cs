using BenchmarkDotNet.Attributes;

namespace SessionStores.Benchmarks;

/// <summary>What does a read cost beyond the driver's own call?</summary>
public class GetBenchmarks : StoreBenchmark
{
    [Benchmark(Baseline = true)]
    public Task Raw() => Subject.RawGetAsync();

    [Benchmark]
    public ValueTask<SessionRecord?> Store() => Subject.Store.GetAsync(Subject.Id);
}
