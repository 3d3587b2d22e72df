namespace SessionStores.Backends;

/// <summary>The images of the test containers, pinned. Raise them here.</summary>
internal static class ContainerImages
{
    public const string Redis = "redis:7.4.3";
    public const string Postgres = "postgres:17.5";
    public const string Mongo = "mongo:8.0.17";
}
