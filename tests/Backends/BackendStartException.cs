namespace SessionStores.Backends;

/// <summary>A server that should be there did not start, did not answer, or did not follow a command. The end of its log is in the message.</summary>
public sealed class BackendStartException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BackendStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
