namespace SessionStores.Tool;

/// <summary>What a command returns to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>What the command looked at is not as it should be.</summary>
    public const int Failure = 1;

    /// <summary>The command could not run as it was called.</summary>
    public const int Usage = 2;

    /// <summary>The store could not do it: its server is down, slow, refuses, or is set up wrongly.</summary>
    public const int StoreFailed = 3;
}

/// <summary>A command was called in a way that it cannot run. The message says how to call it.</summary>
internal sealed class UsageException(string message) : Exception(message);
