using BenchmarkDotNet.Running;
using SessionStores.Benchmarks.Targets;

return args switch
{
    ["targets", var folder, .. var rest] => await TargetRun.RunAsync(folder, isQuick: rest is ["--quick"]),
    ["busy", .. var rest] => TargetRun.Print(await BusySession.MeasureAsync(isQuick: rest is ["--quick"])),
    _ => BenchmarkSwitcher.FromAssembly(typeof(TargetRun).Assembly).Run(args).Any() ? 0 : 1,
};
