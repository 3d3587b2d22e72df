using BenchmarkDotNet.Attributes;

namespace SessionStores.Benchmarks;

/// <summary>What does moving the expiry forward only cost beyond setting it?</summary>
public class TouchBenchmarks : StoreBenchmark
{
    [Benchmark(Baseline = true)]
    public Task Raw() => Subject.RawTouchAsync();

    [Benchmark]
    public ValueTask<bool> Store() => Subject.Store.TouchAsync(Subject.Id, TimeSpan.FromHours(1));
}
