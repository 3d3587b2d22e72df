using System.Text;

namespace SessionStores.Postgres;

/// <summary>How a <see cref="PostgresStore"/> works. The values are read once, when the store is created.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>NAMEDATALEN - 1: the server cuts longer identifiers off.</summary>
    internal const int MaxIdentifierBytes = 63;

    /// <summary>The schema of the table.</summary>
    /// <value>Null, the default, leaves it to the search path of the connection; otherwise an identifier of 1 to 63 bytes. It is quoted.</value>
    public string? Schema { get; set; }

    /// <summary>The name of the table.</summary>
    /// <value>Default <c>session</c>, the table of connect-pg-simple; an identifier of 1 to 63 bytes. It is quoted.</value>
    public string Table { get; set; } = "session";

    /// <summary>Whether the store creates what is missing: the schema, the table, the subject column and its index, and those of
    /// <see cref="Keys"/>.</summary>
    /// <value>Default true. With false the store runs no DDL and needs only the rights SELECT, INSERT, UPDATE and DELETE;
    /// <see cref="PostgresStore.ScriptAsync"/> prints what an administrator has to run.</value>
    public bool CreateIfMissing { get; set; } = true;

    /// <summary>Whether touches and slides leave the expiry as it is.</summary>
    /// <value>Default false.</value>
    public bool DisableTouch { get; set; }

    /// <summary>How long content that never expires is kept, counted from each write and touch.</summary>
    /// <value>Default null: until it is destroyed. At least one second.</value>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>The largest payload that the store accepts.</summary>
    /// <value>Default 1,048,576 bytes (1 MiB); 2 to 268,435,456.</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    /// <summary>After which time an operation ends in a <see cref="SessionStoreException"/>.</summary>
    /// <value>Default 5 seconds; 10 milliseconds to 1 hour. Counts from the call and includes the wait for a connection.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>After which time the set-up of the table ends.</summary>
    /// <value>Default 1 minute; 1 second to 1 hour. A call during the set-up waits for it no longer than
    /// <see cref="OperationTimeout"/>.</value>
    public TimeSpan SetUpTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The time zone in which Node peers write an <c>expire</c> column without time zone.</summary>
    /// <value>Null, the default, takes the TimeZone that the server gives this role in this database, which is what Node gets; otherwise a
    /// zone name that the server knows. A column with time zone, as the store creates it, needs none.</value>
    public string? ExpireTimeZone { get; set; }

    /// <summary>Whether statements are prepared on each connection.</summary>
    /// <value>Null, the default, prepares them unless a pooler such as PgBouncer is between; true always prepares them, false never.
    /// Use true only for a pooler that follows prepared statements (PgBouncer 1.21 with <c>max_prepared_statements</c>).</value>
    public bool? PrepareStatements { get; set; }

    /// <summary>Whether calls of one kind that wait at the same time share a statement, up to 64 of them: reads, slides, touches, creations and
    /// replacements.</summary>
    /// <value>Default true. A call never waits for others to come: one that finds fewer than two statements under way leaves at once, by itself.
    /// With false each call is a statement of its own, on a connection of its own.</value>
    public bool ShareRoundTrips { get; set; } = true;

    /// <summary>Whether the store offers <see cref="ISessionEpochs"/>: every statement then also asks whether the subject of the session has an epoch.</summary>
    /// <value>Default false. The same at all nodes: one without it does not notice that a session is void. Needs the columns subject and joined.</value>
    public bool Epochs { get; set; }

    /// <summary>Whether the store offers <see cref="ISessionKeys"/>: the table then has a column <c>key</c> with an index, which every write of content sets.</summary>
    /// <value>Default false: content with a key is refused. The same at all nodes that write. Needs the column subject too.</value>
    public bool Keys { get; set; }

    /// <summary>Provides the user and password of each new connection, so that they can change while the application runs.</summary>
    /// <value>Null by default: those of the connection string. Called before each connection signs in, from several threads at once; not for
    /// a data source of the application.</value>
    public Func<CancellationToken, ValueTask<PostgresCredential>>? Credentials { get; set; }

    /// <summary>Whether each call that can share a round trip does, even if no other waits; for tests.</summary>
    internal bool SharesAlways { get; set; }

    internal PostgresStoreOptions Copy() => (PostgresStoreOptions)MemberwiseClone();

    internal void Validate()
    {
        var problems = new OptionProblems(nameof(PostgresStoreOptions));
        if (Schema is not null)
            CheckIdentifier(problems, nameof(Schema), Schema);

        CheckIdentifier(problems, nameof(Table), Table);
        if (TimeToLive is { } timeToLive)
            problems.CheckRange(nameof(TimeToLive), timeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365_000));

        problems.CheckMaxPayloadBytes(MaxPayloadBytes, 268_435_456);
        problems.CheckOperationTimeout(OperationTimeout);
        problems.CheckRange(nameof(SetUpTimeout), SetUpTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (ExpireTimeZone is { } zone && (zone.Length is 0 or > 100 || zone.Any(char.IsControl)))
            problems.Add(nameof(ExpireTimeZone), "null or the name of a time zone such as Europe/Berlin, of 1 to 100 characters without control characters", $"'{zone}'");

        problems.ThrowIfAny();
    }

    private static void CheckIdentifier(OptionProblems problems, string option, string? value)
    {
        var bytes = value is null ? 0 : Encoding.UTF8.GetByteCount(value);
        if (bytes is 0 or > MaxIdentifierBytes || value!.Contains('\0', StringComparison.Ordinal))
            problems.Add(option, $"an identifier of 1 to {MaxIdentifierBytes} bytes in UTF-8 without the character U+0000", $"'{value}' ({bytes} bytes)");
    }
}
