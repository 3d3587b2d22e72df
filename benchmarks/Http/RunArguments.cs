using System.Globalization;

namespace SessionStores.Http;

/// <summary>What the command line of a comparison asks for.</summary>
internal sealed record RunArguments
{
    public const string Usage = """
        usage: eng/bench [--quick] [--seconds S] [--rounds N] [--connections 32,256] [--many 1024] [--stores memory,redis,postgres,mongo]
                         [--only TEXT] [--out FOLDER] [--cores SERVER,LOAD] [--node FOLDER]
          --quick    one second per measurement, up to three rounds, no incumbents: what the targets need
          --only     leaves out the incumbents but those whose name contains one of the words separated by commas; - leaves out all
          --cores    pins the servers under test to the first core, and what loads them to the second; without it, the first two
                     processors are used
        """;

    public double Seconds { get; init; } = 5;
    public int Rounds { get; init; } = 5;
    public bool IsQuick { get; init; }
    public int[] Connections { get; init; } = [32, 256];
    public int Many { get; init; } = 1024;
    public string[] Stores { get; init; } = ["memory", "redis", "postgres", "mongo"];
    public string[] Only { get; init; } = [];
    public string Out { get; init; } = "artifacts/bench";
    public string? ServerCore { get; init; }
    public string? LoadCore { get; init; }
    public string Node { get; init; } = "benchmarks/node";

    public static bool TryParse(string[] args, out RunArguments arguments)
    {
        arguments = new RunArguments();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick")
            {
                arguments = arguments with { IsQuick = true, Seconds = 1, Rounds = 3 };
                continue;
            }

            if (i + 1 == args.Length)
                return false;

            var value = args[++i];
            RunArguments? changed = args[i - 1] switch
            {
                "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds >= 1 => arguments with { Seconds = seconds },
                "--rounds" when int.TryParse(value, out var rounds) && rounds > 0 => arguments with { Rounds = rounds },
                "--connections" => arguments with { Connections = [.. value.Split(',').Select(int.Parse)] },
                "--many" => arguments with { Many = int.Parse(value) },
                "--stores" => arguments with { Stores = value.Split(',') },
                "--only" => arguments with { Only = value.Split(',') },
                "--out" => arguments with { Out = value },
                "--node" => arguments with { Node = value },
                "--cores" when value.Split(',') is [var server, var load] => arguments with { ServerCore = server, LoadCore = load },
                _ => null,
            };
            if (changed is null)
                return false;

            arguments = changed;
        }

        return true;
    }
}
