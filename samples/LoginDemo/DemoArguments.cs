using System.Globalization;

namespace LoginDemo;

/// <summary>What the command line asks for.</summary>
internal sealed record DemoArguments(string Store, string? Connection, int Port, string? Problem)
{
    public const string Usage = """
        usage: LoginDemo [--store memory|redis|mongo|postgres] [--connection TEXT] [--port N]
          --store       where sessions are kept; memory is the default
          --connection  how to reach the server, such as
                          redis     localhost:6379
                          postgres  "Host=localhost;Username=app;Password=...;Database=app"
                          mongo     mongodb://localhost:27017/app
          --port        1 to 65535, or 0 for any free one; 5080 is the default
        """;

    private static readonly string[] Stores = ["memory", "redis", "mongo", "postgres"];

    public static DemoArguments Parse(string[] args)
    {
        var store = "memory";
        string? connection = null;
        var port = 5080;
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
                return Wrong($"{args[i]} needs a value.");

            var value = args[i + 1];
            switch (args[i])
            {
                case "--store" when Stores.Contains(value):
                    store = value;
                    break;
                case "--store":
                    return Wrong($"--store must be one of {string.Join(", ", Stores)}, but is '{value}'.");
                case "--connection":
                    connection = value;
                    break;
                case "--port" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535:
                    break;
                case "--port":
                    return Wrong($"--port must be 0 to 65535, but is '{value}'.");
                default:
                    return Wrong($"'{args[i]}' is not an option.");
            }
        }

        return store != "memory" && connection is null
            ? Wrong($"--store {store} needs --connection.")
            : new DemoArguments(store, connection, port, null);
    }

    private static DemoArguments Wrong(string problem) => new("memory", null, 0, problem);
}
