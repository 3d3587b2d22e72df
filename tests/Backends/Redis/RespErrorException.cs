namespace SessionStores.Backends;

/// <summary>A Redis server answered with an error; the message is its text.</summary>
public sealed class RespErrorException : Exception
{
    /// <summary>Creates the exception.</summary>
    public RespErrorException(string message)
        : base(message)
    {
    }
}
