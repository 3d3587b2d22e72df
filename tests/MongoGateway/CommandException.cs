namespace SessionStores.MongoGateway;

/// <summary>A command that the gateway itself refuses.</summary>
internal sealed class CommandException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}
