using System.Buffers;
using System.Globalization;
using System.Text;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>Where and how a <see cref="MongoStore"/> keeps its documents. The defaults share them with connect-mongo 6.</summary>
public sealed class MongoStoreOptions
{
    private static readonly SearchValues<char> NotInDatabase = SearchValues.Create("/\\. \"$*<>:|?\0");

    /// <summary>The database, where the store is given a connection string or a client.</summary>
    /// <value>Null by default: the database of the connection string, else <c>test</c>, as in connect-mongo. At most 63 bytes, without
    /// <c>/\. "$*&lt;&gt;:|?</c>.</value>
    public string? Database { get; set; }

    /// <summary>The collection, where the store is given no collection.</summary>
    /// <value><c>sessions</c> by default; at most 120 bytes, without <c>$</c>, not beginning with <c>system.</c>.</value>
    public string Collection { get; set; } = "sessions";

    /// <summary>Whether a new session is written as JSON text. Both shapes are read either way.</summary>
    /// <value>True by default. False writes a sub-document, which keeps the meaning of a payload but not its bytes: numbers become
    /// int32 or double, of duplicate members the last stays, white space goes.</value>
    public bool Stringify { get; set; } = true;

    /// <summary>Turns a session id into the <c>_id</c> under which it is stored, such as a hash of it.</summary>
    /// <value>Null by default: the id itself. Sessions that are listed then carry the stored id.</value>
    public Func<string, string>? TransformId { get; set; }

    /// <summary>Who removes expired documents.</summary>
    /// <value><see cref="AutoRemove.Native"/> by default.</value>
    public AutoRemove AutoRemove { get; set; } = AutoRemove.Native;

    /// <summary>How often the store removes expired documents with <see cref="AutoRemove.Interval"/>.</summary>
    /// <value>10 minutes by default; 1 second to 71,582 minutes.</value>
    public TimeSpan AutoRemoveInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A touch or slide is left out when the last write or touch is less than this ago.</summary>
    /// <value>Zero by default: never. Up to 365 days. Above zero, documents get <c>lastModified</c>, and a member of that name is dropped
    /// from payloads, as in connect-mongo.</value>
    public TimeSpan TouchAfter { get; set; }

    /// <summary>Whether documents get <c>createdAt</c> and <c>updatedAt</c>.</summary>
    /// <value>False by default.</value>
    public bool Timestamps { get; set; }

    /// <summary>When a write counts as done.</summary>
    /// <value>Majority by default; must be acknowledged.</value>
    public WriteConcern WriteConcern { get; set; } = WriteConcern.WMajority;

    /// <summary>Encrypts what is written. What it cannot decrypt is tried with <see cref="Decryption"/>; plain sessions are still read.</summary>
    /// <value>Null by default: sessions are written in plain text.</value>
    public IMongoSessionEncryption? Encryption { get; set; }

    /// <summary>Further encryptions that are tried on reading, such as those with earlier secrets or of the other format.</summary>
    /// <value>Empty by default.</value>
    public IList<IMongoSessionEncryption> Decryption { get; private set; } = [];

    /// <summary>The largest payload, in bytes.</summary>
    /// <value>1,048,576 (1 MiB) by default; 2 to 8,388,608 (8 MiB).</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    /// <summary>The time within which each call ends, the search for a server included. Streams and batches: each step.</summary>
    /// <value>5 seconds by default; 50 milliseconds to 1 hour.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks the options and answers a copy that later changes do not reach.</summary>
    internal MongoStoreOptions Checked()
    {
        Validate();
        var copy = (MongoStoreOptions)MemberwiseClone();
        copy.Decryption = [.. Decryption];
        return copy;
    }

    private void Validate()
    {
        var problems = new List<string>();
        if (Database is not null && (Database.Length == 0 || Bytes(Database) > 63 || Database.AsSpan().ContainsAny(NotInDatabase)))
            problems.Add($"{nameof(Database)} must be 1 to 63 bytes without /\\. \"$*<>:|?, but is \"{Database}\".");

        if (string.IsNullOrEmpty(Collection) || Bytes(Collection) > 120 || Collection.AsSpan().ContainsAny("$\0") || Collection.StartsWith("system.", StringComparison.Ordinal))
            problems.Add($"{nameof(Collection)} must be 1 to 120 bytes without $ and must not begin with \"system.\", but is \"{Collection}\".");

        if (!Enum.IsDefined(AutoRemove))
            problems.Add(Invariant($"{nameof(AutoRemove)} must be Native, Interval or Disabled, but is {(int)AutoRemove}."));

        if (AutoRemoveInterval < TimeSpan.FromSeconds(1) || AutoRemoveInterval > TimeSpan.FromMinutes(71_582))
            problems.Add(Invariant($"{nameof(AutoRemoveInterval)} must be 1 second to 71,582 minutes, but is {AutoRemoveInterval}."));

        if (TouchAfter < TimeSpan.Zero || TouchAfter > TimeSpan.FromDays(365))
            problems.Add(Invariant($"{nameof(TouchAfter)} must be zero to 365 days, but is {TouchAfter}."));

        if (WriteConcern is null || !WriteConcern.IsAcknowledged)
            problems.Add($"{nameof(WriteConcern)} must be one that the server acknowledges, but is {(WriteConcern is null ? "null" : "w: 0")}.");

        if (Decryption.Contains(null!))
            problems.Add($"{nameof(Decryption)} must not contain null.");

        if (MaxPayloadBytes is < 2 or > 8 << 20)
            problems.Add(Invariant($"{nameof(MaxPayloadBytes)} must be 2 to 8,388,608, but is {MaxPayloadBytes}."));

        if (OperationTimeout < TimeSpan.FromMilliseconds(50) || OperationTimeout > TimeSpan.FromHours(1))
            problems.Add(Invariant($"{nameof(OperationTimeout)} must be 50 milliseconds to 1 hour, but is {OperationTimeout}."));

        if (problems.Count > 0)
            throw new ArgumentException($"{nameof(MongoStoreOptions)}: {string.Join(' ', problems)}");
    }

    private static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
