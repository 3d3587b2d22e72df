using BenchmarkDotNet.Attributes;

namespace SessionStores.Benchmarks;

/// <summary>What does a compare-and-set cost beyond a blind write?</summary>
public class ReplaceBenchmarks : StoreBenchmark
{
    [Benchmark(Baseline = true)]
    public Task Raw() => Subject.RawReplaceAsync();

    [Benchmark]
    public ValueTask<SessionWriteResult> Store() => Subject.Store.ReplaceAsync(Subject.Id, Subject.Version, Subject.Content);
}
