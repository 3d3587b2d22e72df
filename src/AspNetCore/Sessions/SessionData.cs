namespace SessionStores.AspNetCore;

/// <summary>The content of a session: what was loaded, and what this request changed. No I/O, no HTTP.</summary>
internal sealed partial class SessionData
{
    private SessionDocument? _loaded;
    private ReadOnlyMemory<byte> _accepted;
    private MemberChanges? _changes;
    private string? _subject;
    private bool _subjectChanged;
    private string? _key;
    private bool _keyChanged;
    private DateTimeOffset? _absolute;
    private bool _absoluteChanged;

    private SessionData(SessionDocument loaded, SessionCookie cookie, string? subject, DateTimeOffset? absolute, string? key = null)
    {
        _loaded = loaded;
        Cookie = cookie;
        _subject = subject;
        _absolute = absolute;
        _key = key;
    }

    public SessionCookie Cookie { get; private set; }

    public string? Subject => _subject;

    public string? Key
    {
        get => _key;
        set
        {
            _keyChanged |= value != _key;
            _key = value;
        }
    }

    public DateTimeOffset? AbsoluteExpiresAt
    {
        get => _absolute;
        set
        {
            var instant = value is { } given ? SessionExpiry.Normalize(given) : (DateTimeOffset?)null;
            _absoluteChanged |= instant != _absolute;
            _absolute = instant;
        }
    }

    /// <summary>What was loaded or stored last. What was stored is parsed only when it is needed: usually the request ends before.</summary>
    private SessionDocument LoadedDocument => _loaded ??= SessionDocument.TryParse(_accepted, out var document)
        ? document
        : throw new InvalidOperationException("A session was stored in a form that cannot be read back.");

    public bool IsModified => Cookie.IsChanged || _subjectChanged || _keyChanged || _absoluteChanged || HasEffectiveChanges;

    private bool HasEffectiveChanges
    {
        get
        {
            for (var index = 0; index < _changes?.Count; index++)
            {
                if (_changes[index].IsEffective)
                    return true;
            }

            return false;
        }
    }

    public static SessionData New(SessionCookie cookie, DateTimeOffset? absolute) =>
        new(SessionDocument.Empty, cookie, null, absolute);

    /// <summary>How long the session lives without a request.</summary>
    public TimeSpan IdleTime(TimeSpan fallback) => Cookie.OriginalMaxAge ?? fallback;

    /// <summary>How long the session lives from its next write or touch: its idle time, or until the end that the application gave its cookie;
    /// not past the absolute limit.</summary>
    public SessionLifetime Lifetime(TimeSpan fallback)
    {
        var limit = _absolute ?? SessionExpiry.Never;
        if (Cookie.AssignedEnd is { } end)
            return end < limit ? end : limit;

        return new SessionLifetime(IdleTime(fallback), limit);
    }

    /// <summary>Returns the value of a member of the application.</summary>
    public ReadOnlyMemory<byte>? Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return MemberNames.IsOurs(name) ? null : Current(name);
    }

    public IReadOnlyCollection<string> Names()
    {
        var loaded = LoadedDocument;
        var names = new List<string>(loaded.Count);
        var seen = new HashSet<string>(loaded.Count, StringComparer.Ordinal);
        foreach (var member in loaded.Members)
        {
            if (MemberNames.IsOurs(member.Name))
                continue;

            var name = member.GetName();
            if (seen.Add(name) && (_changes is null || !_changes.TryGet(name, out var change) || change.Value is not null))
                names.Add(name);
        }

        for (var index = 0; index < _changes?.Count; index++)
        {
            if (_changes[index] is { IsOfNewMember: true, Value: not null } added && !MemberNames.IsFact(added.Name))
                names.Add(added.Name);
        }

        return names;
    }

    /// <summary>Assigns a value, or removes the member with null.</summary>
    public void Assign(string name, ReadOnlyMemory<byte>? value)
    {
        var change = ChangeOf(name);
        change.Value = value;
        change.Updates = null;
    }

    /// <summary>Changes a value by a function that runs again if another request has changed the value in the meantime.</summary>
    public void Update(string name, Func<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>> update)
    {
        MemberChange? earlier = null;
        _changes?.TryGet(name, out earlier);
        var value = update(earlier is null ? Loaded(name) : earlier.Value);
        var change = ChangeOf(name);
        change.Value = value;

        // After an assignment it is part of that assignment: the value that another request stored does not matter.
        if (earlier is null || earlier.Updates is not null)
            change.Updates = [.. change.Updates ?? [], update];
    }

    public void Clear()
    {
        foreach (var name in Names())
            Assign(name, null);
    }

    /// <summary>Treats what was just stored as what was loaded.</summary>
    public void Accept(ReadOnlyMemory<byte> stored)
    {
        _loaded = null;
        _accepted = stored;
        Cookie.Accept();
        _changes = null;
        _subjectChanged = false;
        _keyChanged = false;
        _absoluteChanged = false;
    }

    /// <summary>How many members of what another request stored differ from what was loaded here.</summary>
    public int CountDifferences(SessionData theirs)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        AddNames(LoadedDocument, names);
        AddNames(theirs.LoadedDocument, names);
        return names.Count(name => !MemberChange.AreEqual(Loaded(name), theirs.Loaded(name)));
    }

    /// <summary>Applies the changes of this request to what another request has stored in the meantime.</summary>
    public void Rebase(SessionData theirs, Func<string, SessionClash, ReadOnlyMemory<byte>?> resolve)
    {
        for (var index = 0; index < _changes?.Count; index++)
            Rebase(_changes[index], theirs.Loaded(_changes[index].Name), resolve);

        _loaded = theirs.LoadedDocument;
        Cookie.Rebase(theirs.Cookie);
        if (!_subjectChanged)
            _subject = theirs._subject;

        if (!_keyChanged)
            _key = theirs._key;

        if (!_absoluteChanged)
            _absolute = theirs._absolute;
    }

    private static void Rebase(MemberChange change, ReadOnlyMemory<byte>? theirs, Func<string, SessionClash, ReadOnlyMemory<byte>?> resolve)
    {
        if (change.Updates is not null)
        {
            var value = theirs;
            foreach (var update in change.Updates)
                value = update(value);

            change.Value = value;
        }
        else if (change.IsEffective && !MemberNames.IsFact(change.Name) && !MemberChange.AreEqual(theirs, change.Original) && !MemberChange.AreEqual(theirs, change.Value))
        {
            change.Value = resolve(change.Name, new SessionClash(change.Name, change.Original, theirs, change.Value));
        }
        else if (!change.IsEffective)
        {
            // The stored value was assigned again: no change, so theirs is kept.
            change.Value = theirs;
        }

        change.Original = theirs;
    }

    private static void AddNames(SessionDocument document, HashSet<string> names)
    {
        foreach (var member in document.Members)
        {
            if (!MemberNames.IsOurs(member.Name))
                names.Add(member.GetName());
        }
    }

    /// <summary>The value as it is now: what was changed here, or what was loaded.</summary>
    private ReadOnlyMemory<byte>? Current(string name) =>
        _changes is not null && _changes.TryGet(name, out var change) ? change.Value : Loaded(name);

    private ReadOnlyMemory<byte>? Loaded(string name) => LoadedDocument.TryGet(name, out var value) ? value : (ReadOnlyMemory<byte>?)null;

    private MemberChange ChangeOf(string name)
    {
        _changes ??= new MemberChanges();
        if (!_changes.TryGet(name, out var change))
        {
            change = new MemberChange(name, Loaded(name));
            _changes.Add(change);
        }

        return change;
    }
}
