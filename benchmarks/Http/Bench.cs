using System.Diagnostics;
using SessionStores.Http.Run;

namespace SessionStores.Http;

/// <summary>The whole of eng/bench: the targets of the stores, the comparison over HTTP, and the chart.</summary>
internal static class Bench
{
    private const string StoreBenchmarks = "benchmarks/Benchmarks";

    public static async Task<int> RunAsync(RunArguments arguments)
    {
        var clock = Stopwatch.StartNew();
        Directory.CreateDirectory(arguments.Out);
        File.Delete(Path.Combine(arguments.Out, "stores.json"));
        await InstallExpressAsync(arguments.Node);
        if (!arguments.IsHttpOnly)
        {
            // Otherwise calls are counted only after a delay, and the first seconds measure code that is not optimized yet.
            Environment.SetEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "0");
            string[] quick = arguments.IsQuick ? ["--quick"] : [];
            var code = await Programs.RunAsync("dotnet", ["run", "-c", "Release", "-v", "q", "--project", StoreBenchmarks, "--", "targets", arguments.Out, .. quick]);
            if (code != 0)
                return code;

            Console.WriteLine($"stores measured after {clock.Elapsed.TotalSeconds:F0} s");
        }

        arguments = Processors.Choose(arguments);
        if (arguments.LoadCore is { } core)
            await Processors.PinAsync(Environment.ProcessId, core);

        await Comparison.RunAsync(arguments);
        Console.WriteLine($"took {(DateTime.UtcNow - arguments.Started).TotalMinutes:F1} min");
        return 0;
    }

    private static async Task InstallExpressAsync(string folder)
    {
        if (Programs.Find("npm") is null)
            Console.WriteLine("express-session is not measured: npm is not installed.");
        else if (!Directory.Exists(Path.Combine(folder, "node_modules"))
            && await Programs.RunAsync("npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel", "error") != 0)
            Console.WriteLine("express-session is not measured: npm ci failed.");
    }
}
