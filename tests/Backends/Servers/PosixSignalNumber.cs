namespace SessionStores.Backends;

/// <summary>The signals that the handles use. Stop and Continue differ between systems and are translated.</summary>
internal enum PosixSignalNumber
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Stop = 100,
    Continue = 101,
}
