namespace SessionStores.Moving;

/// <summary>A write with a cap (<see cref="ISessionCaps"/>): a create without a version, a rotation with a new id, a replacement otherwise.</summary>
internal sealed record CappedWrite(string Id, string? NewId, SessionVersion? Version, SessionContent Content, SessionCap Cap)
{
    public string Subject => Content.Subject!;

    /// <summary>Makes the write in one of the two stores.</summary>
    public ValueTask<SessionWriteResult> RunAsync(ISessionStore store, SessionVersion? version, CancellationToken cancellationToken)
    {
        var caps = Lead.CapabilityOf<ISessionCaps>(store);
        if (version is not { } known)
            return caps.CreateAsync(Id, Content, Cap, cancellationToken);

        return NewId is null
            ? caps.ReplaceAsync(Id, known, Content, Cap, cancellationToken)
            : caps.RotateAsync(Id, NewId, known, Content, Cap, cancellationToken);
    }
}
