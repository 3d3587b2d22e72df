using BenchmarkDotNet.Attributes;

namespace SessionStores.Benchmarks;

/// <summary>What does a new session cost beyond an insert?</summary>
public class CreateBenchmarks : StoreBenchmark
{
    [Benchmark(Baseline = true)]
    public Task Raw() => Subject.RawCreateAsync();

    [Benchmark]
    public ValueTask<SessionWriteResult> Store() => Subject.Store.CreateAsync(Subject.NextId(), Subject.Content);
}
