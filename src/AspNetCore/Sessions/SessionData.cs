using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <summary>The content of a session: what was loaded, and what this request changed. No I/O, no HTTP.</summary>
internal sealed class SessionData
{
    /// <summary>Why a record cannot be read.</summary>
    public const string Unreadable = "The stored record is not a session. It must be a JSON object with a cookie of the types that express-session writes.";

    private SessionDocument? _loaded;
    private ReadOnlyMemory<byte> _accepted;
    private MemberChanges? _changes;
    private string? _subject;
    private bool _subjectChanged;
    private DateTimeOffset? _absolute;
    private bool _absoluteChanged;

    private SessionData(SessionDocument loaded, SessionCookie cookie, string? subject, DateTimeOffset? absolute)
    {
        _loaded = loaded;
        Cookie = cookie;
        _subject = subject;
        _absolute = absolute;
    }

    public SessionCookie Cookie { get; private set; }

    public string? Subject
    {
        get => _subject;
        set
        {
            _subjectChanged |= value != _subject;
            _subject = value;
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

    public bool IsModified => Cookie.IsChanged || _subjectChanged || _absoluteChanged || HasEffectiveChanges;

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

    /// <summary>Reads a record.</summary>
    /// <exception cref="SessionStoreException">The record cannot be read.</exception>
    public static SessionData Read(SessionRecord record, TimeProvider clock) => TryRead(record, clock, out var data)
        ? data
        : throw new SessionStoreException(nameof(HttpSession), "Load", SessionStoreFault.Unreadable, Unreadable);

    /// <summary>Reads a record. Returns false if it is not a JSON object, or has no valid cookie.</summary>
    public static bool TryRead(SessionRecord record, TimeProvider clock, [NotNullWhen(true)] out SessionData? data)
    {
        data = null;
        if (!SessionDocument.TryParse(record.Payload, out var document) ||
            !document.TryGet(ReservedMembers.Cookie, out var json) ||
            !SessionCookie.TryParse(json, clock, out var cookie))
        {
            return false;
        }

        data = new SessionData(document, cookie, record.Subject, ReadAbsolute(document));
        return true;
    }

    /// <summary>How long the session lives without a request.</summary>
    public TimeSpan IdleTime(TimeSpan fallback) => Cookie.OriginalMaxAge ?? fallback;

    /// <summary>The instant at which the session ends if its idle time starts now.</summary>
    public DateTimeOffset ExpiryFrom(DateTimeOffset now, TimeSpan fallback)
    {
        var idle = SessionExpiry.Add(now, IdleTime(fallback));
        return _absolute < idle ? _absolute.Value : idle;
    }

    /// <summary>Returns the value of a member of the application.</summary>
    public ReadOnlyMemory<byte>? Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name is ReservedMembers.Cookie or ReservedMembers.Absolute)
            return null;

        if (_changes is not null && _changes.TryGet(name, out var change))
            return change.Value;

        return Loaded(name);
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
            if (_changes[index] is { IsOfNewMember: true, Value: not null } added)
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
            (change.Updates ??= []).Add(update);
    }

    public void Clear()
    {
        foreach (var name in Names())
            Assign(name, null);
    }

    /// <summary>Writes the record: unchanged members byte for byte, the cookie complete and up to date.</summary>
    public byte[] Write(DateTimeOffset now)
    {
        Cookie.Touch(now, _absolute);
        var loaded = LoadedDocument;
        var scratch = JsonScratch.Take();
        var output = scratch.Output;
        var hasMembers = false;
        var hasAbsolute = false;
        if (loaded.Count == 0)
            WriteCookie(output, ref hasMembers);

        foreach (var member in loaded.Members)
        {
            if (member.NameEquals(ReservedMembers.Cookie))
            {
                WriteCookie(output, ref hasMembers);
            }
            else if (member.NameEquals(ReservedMembers.Absolute) && _absoluteChanged)
            {
                WriteAbsolute(output, ref hasMembers);
                hasAbsolute = true;
            }
            else if (_changes is null || !_changes.TryGet(member, out var change))
            {
                hasAbsolute |= member.NameEquals(ReservedMembers.Absolute);
                WriteMember(output, member.QuotedName, member.Value.Span, ref hasMembers);
            }
            else if (change.Value is { } value)
            {
                WriteMember(output, member.QuotedName, value.Span, ref hasMembers);
            }
        }

        if (!hasAbsolute)
            WriteAbsolute(output, ref hasMembers);

        WriteNewMembers(output, ref hasMembers);
        output.Write("}"u8);
        return scratch.Finish();
    }

    /// <summary>Treats what was just stored as what was loaded.</summary>
    public void Accept(ReadOnlyMemory<byte> stored)
    {
        _loaded = null;
        _accepted = stored;
        Cookie.Accept();
        _changes = null;
        _subjectChanged = false;
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
        else if (change.IsEffective && !MemberChange.AreEqual(theirs, change.Original) && !MemberChange.AreEqual(theirs, change.Value))
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

    private static DateTimeOffset? ReadAbsolute(SessionDocument document)
    {
        if (!document.TryGet(ReservedMembers.Absolute, out var json))
            return null;

        var reader = new Utf8JsonReader(json.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var milliseconds) || !double.IsFinite(milliseconds))
            return null;

        return milliseconds switch
        {
            <= 0 => DateTimeOffset.UnixEpoch,
            >= 253_402_300_799_999 => null,
            _ => DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds),
        };
    }

    private static void WriteMember(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value, ref bool hasMembers)
    {
        output.Write(hasMembers ? ","u8 : "{"u8);
        output.Write(quotedName);
        output.Write(":"u8);
        output.Write(value);
        hasMembers = true;
    }

    private void WriteCookie(ArrayBufferWriter<byte> output, ref bool hasMembers)
    {
        output.Write(hasMembers ? ",\"cookie\":"u8 : "{\"cookie\":"u8);
        Cookie.WriteTo(output, LoadedDocument.TryGet(ReservedMembers.Cookie, out var stored) ? stored : default);
        hasMembers = true;
    }

    private void WriteAbsolute(ArrayBufferWriter<byte> output, ref bool hasMembers)
    {
        if (_absolute is not { } limit)
            return;

        Span<byte> digits = stackalloc byte[20];
        limit.ToUnixTimeMilliseconds().TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        WriteMember(output, "\"__absolute\""u8, digits[..length], ref hasMembers);
    }

    private void WriteNewMembers(ArrayBufferWriter<byte> output, ref bool hasMembers)
    {
        for (var index = 0; index < _changes?.Count; index++)
        {
            if (_changes[index] is { IsOfNewMember: true, Value: { } value } added)
                WriteMember(output, Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(added.Name, SessionJsonEncoder.Instance)}\""), value.Span, ref hasMembers);
        }
    }

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
