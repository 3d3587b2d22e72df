using System.Globalization;

namespace SessionStores.Http;

/// <summary>What the command line of a comparison asks for.</summary>
internal sealed record RunArguments
{
    public const string Usage = """
        usage: eng/bench [--quick] [--minutes M] [--rounds N] [--stores memory,redis,valkey,postgres,postgres-no-fsync,mongo] [--http] [--write] [--out FOLDER] [--cores SERVER,LOAD] [--node FOLDER]
          --quick    at most 25 minutes instead of 60: the same lines from fewer rounds, without the pause of a sweep and the busy session
          --minutes  when the run has to be over; the rounds are as many as fit in, and three at least
          --rounds   the most rounds; with 1, the run only shows that everything can be measured
          --http     leaves out what is measured without HTTP
          --write    puts the tables and the chart into docs
          --cores    pins the sites to the first processor, and what loads them to the second; without it, the first two are used
        """;

    /// <summary>What the report of a run takes.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(12);

    public double? Minutes { get; init; }
    public int MostRounds { get; init; } = 30;
    public bool IsQuick { get; init; }
    public bool IsHttpOnly { get; init; }

    /// <summary>Whether docs/performance.md gets the tables and the chart of the run.</summary>
    public bool IsWritten { get; init; }

    public string[] Stores { get; init; } = ["memory", "redis", "valkey", "postgres", "postgres-no-fsync", "mongo"];
    public string Out { get; init; } = "artifacts/bench";
    public string? ServerCore { get; init; }
    public string? LoadCore { get; init; }
    public string Node { get; init; } = "benchmarks/node";

    /// <summary>When the command was entered: its time includes that of the build.</summary>
    public DateTime Started { get; init; } = DateTime.UtcNow;

    public TimeSpan Left => Started + TimeSpan.FromMinutes(Minutes ?? (IsQuick ? 24.5 : 59)) - Ending - DateTime.UtcNow;

    public static bool TryParse(string[] args, out RunArguments arguments)
    {
        arguments = new RunArguments();
        for (var i = 0; i < args.Length; i++)
        {
            RunArguments? flagged = args[i] switch
            {
                "--quick" => arguments with { IsQuick = true },
                "--http" => arguments with { IsHttpOnly = true },
                "--write" => arguments with { IsWritten = true },
                _ => null,
            };
            if (flagged is not null)
            {
                arguments = flagged;
                continue;
            }

            if (i + 1 == args.Length)
                return false;

            var value = args[++i];
            RunArguments? changed = args[i - 1] switch
            {
                "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes) => arguments with { Minutes = minutes },
                "--rounds" when int.TryParse(value, CultureInfo.InvariantCulture, out var rounds) && rounds > 0 => arguments with { MostRounds = rounds },
                "--started" when long.TryParse(value, CultureInfo.InvariantCulture, out var second) => arguments with { Started = DateTimeOffset.FromUnixTimeSeconds(second).UtcDateTime },
                "--stores" => arguments with { Stores = value.Split(',') },
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
