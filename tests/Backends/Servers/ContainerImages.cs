using DotNet.Testcontainers.Configurations;

namespace SessionStores.Backends;

/// <summary>
/// The images of the test containers: the first of each server in <c>eng/containers/images</c>. <c>SESSIONSTORES_IMAGES</c> chooses others, such as
/// <c>redis=valkey/valkey:9.1,postgres=postgres:17</c>. Where they come from is a setting of Testcontainers,
/// <c>TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX</c>: unset for the official images.
/// </summary>
internal static class ContainerImages
{
    private const string Variable = "SESSIONSTORES_IMAGES";

    /// <summary>The prefix of images that are built here: they have no digest of a registry.</summary>
    private const string BuiltHere = "localhost";

    private static readonly Dictionary<string, string> Defaults = ReadDefaults();

    public static string Redis => Of("redis");

    public static string Postgres => Of("postgres");

    public static string PgBouncer => Of("pgbouncer");

    public static string Mongo => Of("mongo");

    /// <summary>PostgreSQL with the DocumentDB extension, which serves MongoDB's commands where there is no image of MongoDB. Has no official image.</summary>
    public static string DocumentDb => Of("documentdb");

    /// <summary>The name under which the Docker engine knows an image.</summary>
    public static string FullName(string image) =>
        TestcontainersSettings.HubImageNamePrefix is { Length: > 0 } prefix ? $"{prefix}/{image}" : image;

    private static string Of(string server)
    {
        var image = Defaults[server];
        foreach (var entry in (Environment.GetEnvironmentVariable(Variable) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.Split('=') is not [var name, { Length: > 0 } chosen] || !Defaults.ContainsKey(name))
                throw new BackendStartException($"{Variable} must list server=image, for the servers {string.Join(", ", Defaults.Keys)}, but has '{entry}'.");
            if (name == server)
                image = chosen;
        }

        return TestcontainersSettings.HubImageNamePrefix == BuiltHere ? image.Split('@')[0] : image;
    }

    private static Dictionary<string, string> ReadDefaults()
    {
        using var reader = new StreamReader(typeof(ContainerImages).Assembly.GetManifestResourceStream("images")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .GroupBy(words => words[0], words => words[1], StringComparer.Ordinal).ToDictionary(images => images.Key, images => images.First());
    }
}
