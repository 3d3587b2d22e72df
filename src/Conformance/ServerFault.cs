namespace SessionStores.Conformance;

/// <summary>What can be done to a server while a store uses it.</summary>
public enum ServerFault
{
    /// <summary>The server is shut down in good order and does not take connections. Ending the fault starts it again.</summary>
    Stopped = 1,

    /// <summary>The server is killed without notice. Ending the fault starts it again.</summary>
    Killed = 2,

    /// <summary>The server keeps its connections but does not reply (SIGSTOP, pause). Ending the fault lets it continue.</summary>
    Hanging = 3,

    /// <summary>The server serves reads and refuses writes.</summary>
    ReadOnly = 4,

    /// <summary>The server takes each command, and the connection is cut before the reply comes back.</summary>
    DropAfterSend = 5,

    /// <summary>All connections are cut once; new ones are taken at once. Ending the fault does nothing more.</summary>
    Disconnected = 6,

    /// <summary>The server forgets what it had prepared for clients: scripts, prepared statements, cached plans.</summary>
    ForgottenScripts = 7,
}
