using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace SessionStores.Benchmarks;

/// <summary>Runs in this process: the servers that it started are there, and nothing is generated and built anew.</summary>
internal sealed class Config : ManualConfig
{
    public Config() => AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(10));
}
