using System.Buffers;
using System.Text;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>Where and how a <see cref="MongoStore"/> keeps its documents. The defaults share them with connect-mongo 6.</summary>
public sealed class MongoStoreOptions
{
    private static readonly SearchValues<char> NotInDatabase = SearchValues.Create("/\\. \"$*<>:|?\0");

    /// <summary>The database, if the store is given a connection string or a client.</summary>
    /// <value>Null by default: the database of the connection string, else <c>test</c>, as in connect-mongo. At most 63 bytes, without
    /// <c>/\. "$*&lt;&gt;:|?</c>.</value>
    public string? Database { get; set; }

    /// <summary>The collection, if the store is not given one.</summary>
    /// <value><c>sessions</c> by default; at most 120 bytes, without <c>$</c>, not beginning with <c>system.</c>.</value>
    public string Collection { get; set; } = "sessions";

    /// <summary>Whether a new session is written as JSON text. Both forms are read either way.</summary>
    /// <value>True by default. False writes a sub-document, which keeps the meaning of a payload but not its bytes: numbers become
    /// int32 or double, the last of duplicate members is kept, white space is dropped.</value>
    public bool Stringify { get; set; } = true;

    /// <summary>Turns a session id into the <c>_id</c> under which it is stored, such as a hash of it.</summary>
    /// <value>Null by default: the id itself. Sessions that are listed have the stored id.</value>
    public Func<string, string>? TransformId { get; set; }

    /// <summary>Who removes expired documents.</summary>
    /// <value><see cref="AutoRemove.Native"/> by default.</value>
    public AutoRemove AutoRemove { get; set; } = AutoRemove.Native;

    /// <summary>A touch or slide is skipped when the last write or touch is less than this ago.</summary>
    /// <value>Zero by default: nothing is skipped. Up to 365 days. Above zero, documents have <c>lastModified</c>, and a member of that
    /// name is dropped from payloads, as in connect-mongo.</value>
    public TimeSpan TouchAfter { get; set; }

    /// <summary>Whether documents have <c>createdAt</c> and <c>updatedAt</c>.</summary>
    /// <value>False by default.</value>
    public bool Timestamps { get; set; }

    /// <summary>When a write counts as done.</summary>
    /// <value>Majority by default; must be acknowledged.</value>
    public WriteConcern WriteConcern { get; set; } = WriteConcern.WMajority;

    /// <summary>Whether the store offers <see cref="ISessionKeys"/>: documents then have the key of their session in a field <c>key</c> too, with an index.</summary>
    /// <value>False by default: content with a key is refused. The same at all nodes that write.</value>
    public bool Keys { get; set; }

    /// <summary>Encrypts what is written. What it cannot decrypt is tried with <see cref="Decryption"/>; unencrypted sessions are still read.</summary>
    /// <value>Null by default: sessions are not encrypted.</value>
    public IMongoSessionEncryption? Encryption { get; set; }

    /// <summary>Further encryptions to try when reading, such as those with earlier secrets or of the other format.</summary>
    /// <value>Empty by default.</value>
    public IList<IMongoSessionEncryption> Decryption { get; private set; } = [];

    /// <summary>The largest payload, in bytes.</summary>
    /// <value>1,048,576 (1 MiB) by default; 2 to 8,388,608 (8 MiB).</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    /// <summary>The time within which each call ends, connecting included. Enumeration and pruning: each page or batch.</summary>
    /// <value>5 seconds by default; 10 milliseconds to 1 hour.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether reads that wait at the same time share a command, up to 64 of them.</summary>
    /// <value>True by default. A read never waits for others to come: one that finds fewer than two commands under way leaves at once, by
    /// itself. With false each read is a command of its own, on a connection of its own.</value>
    public bool ShareRoundTrips { get; set; } = true;

    /// <summary>Whether each read shares a command, even if no other waits; for tests.</summary>
    internal bool SharesAlways { get; set; }

    /// <summary>Provides what the store signs in with, so that a password or token can change while the application runs.</summary>
    /// <value>Null by default: the credential of the connection string. Called before the first connection, and again when the server refuses
    /// a connection; not for a client of the application.</value>
    public Func<CancellationToken, ValueTask<MongoCredential>>? Credentials { get; set; }

    internal MongoStoreOptions Copy()
    {
        var copy = (MongoStoreOptions)MemberwiseClone();
        copy.Decryption = [.. Decryption];
        return copy;
    }

    /// <exception cref="ArgumentException">An option is invalid; the message names each.</exception>
    internal void Validate()
    {
        var problems = new OptionProblems(nameof(MongoStoreOptions));
        if (Database is not null && (Database.Length == 0 || Encoding.UTF8.GetByteCount(Database) > 63 || Database.AsSpan().ContainsAny(NotInDatabase)))
            problems.Add(nameof(Database), "1 to 63 bytes without /\\. \"$*<>:|?", $"\"{Database}\"");

        if (string.IsNullOrEmpty(Collection) || Encoding.UTF8.GetByteCount(Collection) > 120 || Collection.AsSpan().ContainsAny("$\0")
            || Collection.StartsWith("system.", StringComparison.Ordinal))
        {
            problems.Add(nameof(Collection), "1 to 120 bytes without $ that do not begin with \"system.\"", $"\"{Collection}\"");
        }

        problems.CheckDefined(nameof(AutoRemove), AutoRemove);
        problems.CheckRange(nameof(TouchAfter), TouchAfter, TimeSpan.Zero, TimeSpan.FromDays(365));
        if (WriteConcern is null || !WriteConcern.IsAcknowledged)
            problems.Add(nameof(WriteConcern), "acknowledged by the server", WriteConcern is null ? "null" : "w: 0");

        if (Decryption.Contains(null!))
            problems.Add($"{nameof(Decryption)} must not contain null.");

        problems.CheckMaxPayloadBytes(MaxPayloadBytes, 8 << 20);
        problems.CheckOperationTimeout(OperationTimeout);
        problems.ThrowIfAny();
    }
}
