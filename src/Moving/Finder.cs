namespace SessionStores.Moving;

/// <summary>By what sessions are found together: their subject, or their key.</summary>
internal sealed class Finder
{
    public static readonly Finder BySubject = new(Lead.CapabilityOf<ISessionSubjects>, static record => record.Subject, static subject => subject);

    public static readonly Finder ByKey = new(static store => new KeysAsSubjects(Lead.CapabilityOf<ISessionKeys>(store)), static record => record.Key, KeyIndex.NameOf);

    private readonly Func<SessionRecord, string?> _textOf;

    private Finder(Func<ISessionStore, ISessionSubjects> sessionsIn, Func<SessionRecord, string?> textOf, Func<string, string> nameOf)
    {
        In = sessionsIn;
        _textOf = textOf;
        NameOf = nameOf;
    }

    /// <summary>Finds sessions in a store. Throws where it does not offer that.</summary>
    public Func<ISessionStore, ISessionSubjects> In { get; }

    /// <summary>What the continuation of a page belongs to.</summary>
    public Func<string, string> NameOf { get; }

    /// <summary>Whether a session is one of those that are found by a text.</summary>
    public bool Finds(SessionRecord record, string text) => _textOf(record) == text;

    private sealed class KeysAsSubjects(ISessionKeys keys) : ISessionSubjects
    {
        public ValueTask<SessionPage> PageBySubjectAsync(string subject, int size, string? continuation, bool withPayloads, CancellationToken cancellationToken) =>
            keys.PageByKeyAsync(subject, size, continuation, withPayloads, cancellationToken);

        public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds, CancellationToken cancellationToken) =>
            keys.DestroyByKeyAsync(subject, exceptIds, cancellationToken);
    }
}
