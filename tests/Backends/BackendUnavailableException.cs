namespace SessionStores.Backends;

/// <summary>A backend that is required, or that a test used without asking first, cannot run here. The message says why.</summary>
public sealed class BackendUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BackendUnavailableException(string message)
        : base(message)
    {
    }
}
