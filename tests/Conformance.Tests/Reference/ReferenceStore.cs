using System.Runtime.CompilerServices;
using SessionStores.Conformance;

namespace SessionStores.Conformance.Tests.Reference;

/// <summary>A correct store in small pieces, each of which a mutant can override.</summary>
/// <remarks>A public operation checks its arguments and sends one command; the command runs in one step at the server.</remarks>
public partial class ReferenceStore(ReferenceServer server, string name, StoreSettings settings) : ISessionStore
{
    private const int MaxHops = 16;

    protected ReferenceServer Server { get; } = server;

    protected string Name { get; } = name;

    protected StoreSettings Settings { get; } = settings;

    public virtual string? KeySpace => $"Reference {Name}";

    public virtual TCapability? GetCapability<TCapability>()
        where TCapability : class => this as TCapability;

    protected virtual bool IsDisposed { get; private set; }

    /// <summary>The clock of the server, which decides what is live.</summary>
    protected virtual DateTimeOffset Now => (Settings.Clock ?? TimeProvider.System).GetUtcNow();

    /// <summary>The clock of the node, which decides nothing in a correct store.</summary>
    protected DateTimeOffset NodeNow => (Settings.NodeClock ?? Settings.Clock ?? TimeProvider.System).GetUtcNow();

    protected virtual TimeSpan LinkLife => TimeSpan.FromMinutes(5);

    protected virtual int MaxPayloadBytes => Settings.MaxPayloadBytes ?? SessionArguments.DefaultMaxPayloadBytes;

    public virtual async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        return await SendAsync("Get", slide is not null, table => Get(table, id, slide), cancellationToken);
    }

    public virtual async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckContent(content);
        return await SendAsync("Create", true, table => Create(table, id, content), cancellationToken);
    }

    public virtual async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckVersion(version);
        CheckContent(content);
        return await SendAsync("Replace", true, table => Replace(table, id, version, content), cancellationToken);
    }

    public virtual async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckContent(content);
        await SendAsync("Set", true, table => Set(table, id, content), cancellationToken);
    }

    public virtual async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        return await SendAsync("Touch", true, table => Touch(table, id, lifetime), cancellationToken);
    }

    public virtual async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        return await SendAsync("Destroy", true, table => Destroy(table, id), cancellationToken);
    }

    public virtual async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckId(newId);
        CheckVersion(version);
        CheckContent(content);
        CheckDiffer(id, newId);
        return await SendAsync("Rotate", true, table => Rotate(table, id, newId, version, content), cancellationToken);
    }

    protected virtual void CheckId(string id, [CallerArgumentExpression(nameof(id))] string? parameter = null) => SessionArguments.ThrowIfInvalidId(id, parameter);

    protected virtual void CheckVersion(SessionVersion version) => SessionArguments.ThrowIfInvalidVersion(version);

    protected virtual void CheckContent(SessionContent content) => SessionArguments.ThrowIfInvalidContent(content, MaxPayloadBytes, keepsKeys: true);

    protected virtual void CheckDiffer(string id, string newId)
    {
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));
    }

    protected virtual bool IsLive(ReferenceRow row) => row.ExpiresAt > Now && !IsVoid(row);

    protected virtual string Key(string id) => id;

    protected virtual string SubjectKey(string subject) => subject;

    protected virtual byte[] CopyIn(ReadOnlyMemory<byte> payload) => payload.ToArray();

    protected virtual DateTimeOffset ExpiryOf(SessionContent content) => content.Lifetime.ExpiryAt(Now);

    protected virtual SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload, row.Key is null ? row.Subject : $"{row.Subject}\u0002{row.Key}");

    protected virtual SessionRecord ToRecord(ReferenceRow row) => row.IsUnreadable || !IsReadable(row.Payload)
        ? throw new ReferenceServerException("unreadable", "the record cannot be read")
        : new SessionRecord(row.Id, row.Payload, row.ExpiresAt, SessionExpiry.Remaining(row.ExpiresAt, Now), row.Subject, VersionOf(row), row.Key);

    /// <summary>Whether another program has written an object.</summary>
    protected virtual bool IsReadable(byte[] payload) => payload.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    protected virtual bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        slide.TryExtend(row.ExpiresAt, Now, row.Payload, out extended);

    protected virtual SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        if (Find(table, id) is not { } row)
            return null;

        if (slide is { } wanted && TryExtend(wanted, row, out var extended))
            row.ExpiresAt = extended;

        return ToRecord(row);
    }

    protected virtual SessionWriteResult Create(ReferenceTable table, string id, SessionContent content) =>
        Find(table, id) is null ? SessionWriteResult.Written(VersionOf(Put(table, id, content))) : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

    protected virtual SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        if (Find(table, id) is not { } row)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);

        return version.IsAny || VersionOf(row) == version
            ? SessionWriteResult.Written(VersionOf(Put(table, id, content)))
            : SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);
    }

    protected virtual bool Set(ReferenceTable table, string id, SessionContent content)
    {
        Put(table, id, content);
        return true;
    }

    protected virtual bool Touch(ReferenceTable table, string id, SessionLifetime lifetime) => Touch(table, id, lifetime.ExpiryAt(Now));

    protected virtual bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (Find(table, id) is not { } row)
            return false;

        if (expiresAt > row.ExpiresAt)
            row.ExpiresAt = expiresAt;

        return true;
    }

    protected virtual bool Destroy(ReferenceTable table, string id)
    {
        var key = Follow(table, Key(id));
        var wasLive = table.Rows.TryGetValue(key, out var row) && IsLive(row);
        Remove(table, key);
        return wasLive;
    }

    protected virtual SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        if (Find(table, id) is not { } row)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);

        if (!version.IsAny && VersionOf(row) != version)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);

        if (Find(table, newId) is not null)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

        Remove(table, Key(id));
        var written = Put(table, newId, content);
        if (written.Subject == row.Subject)
            written.JoinedAt = JoinedAfterRotation(row, written);

        Link(table, id, newId);
        return SessionWriteResult.Written(VersionOf(written));
    }

    /// <summary>Remembers what an id became.</summary>
    protected virtual void Link(ReferenceTable table, string id, string newId) => table.Links[Key(id)] = (Key(newId), Now + LinkLife);

    /// <summary>The key of what a session became, over any number of rotations; the key itself when it was not rotated.</summary>
    protected virtual string Follow(ReferenceTable table, string key)
    {
        for (var hop = 0; hop < MaxHops && table.Links.TryGetValue(key, out var link) && link.Until > Now; hop++)
            key = link.Key;

        return key;
    }

    protected ReferenceRow? Find(ReferenceTable table, string id) =>
        table.Rows.TryGetValue(Key(id), out var row) && IsLive(row) ? row : null;

    /// <summary>Stores content in place of whatever is there.</summary>
    protected virtual ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        var counter = table.Rows.TryGetValue(Key(id), out var old) ? old.Counter : 0;
        var joined = old is not null && IsLive(old) && KeepsItsPlace(old, content) ? old.JoinedAt : JoinNow;
        Remove(table, Key(id));
        Unlink(table, id);
        var row = new ReferenceRow(id, CopyIn(content.Payload), ExpiryOf(content), content.Subject) { Key = KeyOf(old, content), Counter = counter + 1, JoinedAt = joined, Table = table };
        table.Rows[Key(id)] = row;
        if (row.Subject is not null)
            table.Index(SubjectKey(row.Subject), Key(id));

        if (row.Key is not null)
            table.Index(NameOfKey(row.Key), Key(id));

        return row;
    }

    /// <summary>Forgets what an id became, since it is a session of its own again.</summary>
    protected virtual void Unlink(ReferenceTable table, string id) => table.Links.Remove(Key(id));

    protected virtual void Remove(ReferenceTable table, string key)
    {
        if (!table.Rows.Remove(key, out var row))
            return;

        if (row.Subject is not null)
            table.Unindex(SubjectKey(row.Subject), key);

        UnindexKey(table, row, key);
    }

    protected virtual void UnindexKey(ReferenceTable table, ReferenceRow row, string key)
    {
        if (row.Key is not null)
            table.Unindex(NameOfKey(row.Key), key);
    }

    /// <summary>Sends a command and turns what goes wrong into the exceptions of the contract.</summary>
    protected virtual async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await Server.ExecuteAsync(Name, writes, table => command(InShape(table)), cancellationToken).WaitAsync(Settings.CommandTimeout ?? TimeSpan.FromSeconds(30), cancellationToken);
        }
        catch (TimeoutException timeout)
        {
            throw Fault(operation, SessionStoreFault.Timeout, timeout, MayHaveWritten(operation, null));
        }
        catch (ReferenceServerException failure)
        {
            throw Fault(operation, FaultOf(failure), failure, MayHaveWritten(operation, failure));
        }
    }

    protected virtual ReferenceTable InShape(ReferenceTable table) =>
        table.IsBroken ? throw new ReferenceServerException("shape", "the table has another shape") : table;

    protected virtual SessionStoreFault FaultOf(ReferenceServerException failure) => failure.Code switch
    {
        "away" or "lost" => SessionStoreFault.Unavailable,
        "readonly" => SessionStoreFault.ReadOnly,
        "unreadable" => SessionStoreFault.Unreadable,
        "refused" => SessionStoreFault.Refused,
        "shape" => SessionStoreFault.Misconfigured,
        _ => SessionStoreFault.Failed,
    };

    /// <summary>Whether the write may have been done. Every other failure is one before the command, or undoes it.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="failure">What the driver threw; null when the time was over.</param>
    protected virtual bool MayHaveWritten(string operation, ReferenceServerException? failure) => operation switch
    {
        "Get" or "FindSuccessor" or "All" or "Length" or "ListBySubject" or "CountBySubject" or "ListByKey" or "CountByKey" => false,
        "Prune" => true, // batches before may be done
        _ => failure is null or { Code: "lost" },
    };

    protected Exception Fault(string operation, SessionStoreFault fault, Exception inner, bool mayHaveWritten = true)
    {
        var exception = new SessionStoreException(nameof(ReferenceStore), operation, fault, $"The server could not do it ({fault}).", inner, mayHaveWritten);
        Settings.Log?.Invoke(exception.Message);
        return exception;
    }
}
