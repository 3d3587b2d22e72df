using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionStores.Benchmarks.Targets;

/// <summary>Measures what the targets say of the stores themselves, in a minute instead of the hour that all benchmarks take.</summary>
internal static class TargetRun
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task<int> RunAsync(string folder, bool isQuick)
    {
        List<Target> targets = [.. await RedisServerTime.MeasureAsync(isQuick), .. await ManySessions.MeasureAsync(isQuick), .. await StoreGet.MeasureAsync(isQuick)];
        if (!isQuick)
            targets.AddRange([.. await SweepPause.MeasureAsync(), .. await BusySession.MeasureAsync(isQuick)]);

        Print(targets);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "stores.json"), JsonSerializer.Serialize(targets, Json));
        return 0;
    }

    public static int Print(IReadOnlyList<Target> targets)
    {
        foreach (var target in targets)
            Console.WriteLine(target);

        return 0;
    }
}
