namespace SessionStores;

/// <summary>The result of <see cref="ISessionStore.CreateAsync"/>, <see cref="ISessionStore.ReplaceAsync"/> and
/// <see cref="ISessionStore.RotateAsync"/>.</summary>
public readonly record struct SessionWriteResult
{
    private SessionWriteResult(SessionWriteStatus status, SessionVersion version)
    {
        Status = status;
        Version = version;
    }

    /// <summary>The outcome.</summary>
    public SessionWriteStatus Status { get; }

    /// <summary>The version of the stored content after the write, when the status is <see cref="SessionWriteStatus.Written"/>.</summary>
    public SessionVersion Version { get; }

    /// <summary>The content was stored.</summary>
    /// <param name="version">The version of the stored content.</param>
    public static SessionWriteResult Written(SessionVersion version) => new(SessionWriteStatus.Written, version);

    /// <summary>The content was not stored.</summary>
    /// <param name="status">Why: any status but <see cref="SessionWriteStatus.Written"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> is <see cref="SessionWriteStatus.Written"/>.</exception>
    public static SessionWriteResult NotWritten(SessionWriteStatus status) => status != SessionWriteStatus.Written
        ? new(status, default)
        : throw new ArgumentOutOfRangeException(nameof(status), status, "The status must be Conflict, Gone, Taken or Full; for Written call Written(version).");

    /// <summary>Returns the status only: the version may hold the payload itself (L21).</summary>
    public override string ToString() => Status.ToString();
}
