namespace SessionStores.Postgres;

/// <summary>How a <see cref="PostgresStore"/> works. The values are read once, when the store is made.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>The schema of the table.</summary>
    /// <value>Null, the default, leaves it to the search path of the connection; else an identifier of 1 to 63 bytes. It is quoted.</value>
    public string? Schema { get; set; }

    /// <summary>The name of the table.</summary>
    /// <value>Default <c>session</c>, the table of connect-pg-simple; an identifier of 1 to 63 bytes. It is quoted.</value>
    public string Table { get; set; } = "session";

    /// <summary>Whether the store creates what is missing: the schema, the table, the subject column and its index.</summary>
    /// <value>Default true. With false the store runs no DDL and needs no right but SELECT, INSERT, UPDATE and DELETE;
    /// <see cref="PostgresStore.ScriptAsync"/> prints what an administrator has to run.</value>
    public bool CreateIfMissing { get; set; } = true;

    /// <summary>Whether touches and slides leave the expiry as it is.</summary>
    /// <value>Default false.</value>
    public bool DisableTouch { get; set; }

    /// <summary>How long content that never expires is kept, counted from each write and touch.</summary>
    /// <value>Default null: until it is destroyed. At least one second.</value>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>How often the store removes expired records by itself (L15).</summary>
    /// <value>Default 15 minutes; 1 second to 7 days. Null leaves it to those who call <see cref="PostgresStore.PruneAsync"/>. Of many nodes
    /// one prunes at a time.</value>
    public TimeSpan? PruneInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether each <see cref="PruneInterval"/> is multiplied by a random number from 0.5 to 1.5, so that nodes do not act as one.</summary>
    /// <value>Default true.</value>
    public bool JitterPruneInterval { get; set; } = true;

    /// <summary>The largest payload that the store takes.</summary>
    /// <value>Default 1,048,576 bytes (1 MiB); 1 to 268,435,456.</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    /// <summary>After which time an operation ends in a <see cref="SessionStoreException"/>.</summary>
    /// <value>Default 5 seconds; 100 milliseconds to 10 minutes. Counts from the call, the wait for a connection included.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>After which time the set-up of the table ends.</summary>
    /// <value>Default 1 minute; 1 second to 1 hour. A request that meets a set-up under way waits no longer than
    /// <see cref="OperationTimeout"/> for it.</value>
    public TimeSpan SetUpTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The time zone in which Node peers write an <c>expire</c> column without time zone.</summary>
    /// <value>Null, the default, takes the TimeZone that the server gives this role in this database, which is what Node gets; else a
    /// zone name that the server knows. A column with time zone, as the store creates it, needs none.</value>
    public string? ExpireTimeZone { get; set; }

    /// <summary>Whether statements are prepared on each connection.</summary>
    /// <value>Null, the default, prepares them unless a pooler such as PgBouncer stands between; true prepares them always, false never.
    /// Say true only for a pooler that follows prepared statements (PgBouncer 1.21 with <c>max_prepared_statements</c>).</value>
    public bool? PrepareStatements { get; set; }
}
