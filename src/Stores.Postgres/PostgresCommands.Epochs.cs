namespace SessionStores.Postgres;

/// <summary>Epochs: rows that say since when the sessions of a subject are void. The column joined of a session is compared with that of the epoch.</summary>
/// <remarks>
/// <para>The sid of an epoch begins with that of links, U+0001, so that what looks at sessions does not meet one. It never expires, so that no Node peer prunes it: a void session
/// would live again.</para>
/// <para>A session whose log-in was under way when the epoch was set has joined before, and is void as soon as both are committed, in either order.</para>
/// </remarks>
internal sealed partial class PostgresCommands
{
    /// <summary>What the sid of an epoch begins with. Links have base64, which has no colon.</summary>
    private const string EpochPrefix = @"E'\x01epoch:'";

    /// <summary>The first text behind all sids of epochs.</summary>
    private const string EpochsEnd = @"E'\x01epoch;'";

    /// <summary>How long an epoch is kept in any case: longer than any write that was under way when it was set.</summary>
    private const string EpochLife = "interval '1 day'";

    /// <summary>Null where the store has no epochs.</summary>
    public string? VoidSubject { get; }

    /// <summary>Removes void sessions, and the epochs that no longer make any void. Null where the store has no epochs.</summary>
    public string? PruneSubjects { get; }

    private static string EpochOf(string subject) => $"{EpochPrefix} || encode(sha256(convert_to({subject}, 'UTF8')), 'base64')";

    private static string VoidOf(string table) =>
        $"""
        INSERT INTO {table} AS held (sid, sess, expire, joined)
        VALUES ({EpochOf("$1")}, json_build_object('subject', $1::text), 'infinity', clock_timestamp())
        ON CONFLICT (sid) DO UPDATE SET joined = greatest(held.joined, clock_timestamp())
        """;

    // The order of the column may be one in which the sids of epochs do not follow each other.
    private static string PruneVoidOf(string table) =>
        $"""
        WITH epochs AS MATERIALIZED (
          SELECT sid, sess ->> 'subject' AS subject, joined FROM {table}
          WHERE sid COLLATE "C" >= {EpochPrefix} AND sid COLLATE "C" < {EpochsEnd}),
        batch AS (
          SELECT held.sid
          FROM epochs, LATERAL (
            SELECT old.sid FROM {table} AS old
            WHERE old.subject = epochs.subject AND coalesce(old.joined, '-infinity') <= epochs.joined
            LIMIT @Size
            FOR UPDATE SKIP LOCKED) AS held
          LIMIT @Size),
        gone AS (
          DELETE FROM {table} WHERE sid = ANY (ARRAY(SELECT sid FROM batch))
          RETURNING 1),
        idle AS (
          SELECT sid FROM epochs
          WHERE joined < clock_timestamp() - {EpochLife}
            AND NOT EXISTS (SELECT FROM {table} AS held WHERE held.subject = epochs.subject AND coalesce(held.joined, '-infinity') <= epochs.joined OFFSET 0)),
        dropped AS (
          DELETE FROM {table} WHERE sid = ANY (ARRAY(SELECT sid FROM idle)) AND joined < clock_timestamp() - {EpochLife})
        SELECT count(*) FROM gone
        """;

    /// <summary>Which rows are live: stored, not expired, and not void where the store has epochs.</summary>
    private sealed class Liveness(string table, ExpireColumn column, bool hasEpochs)
    {
        /// <param name="row">The name of the row; null for that of the table.</param>
        public string IsLive(string? row = null) => $"{InstantOf(row)} > clock_timestamp(){AndNotVoid(row)}";

        /// <param name="row">The name of the row; null for that of the table.</param>
        public string IsDead(string? row = null) =>
            hasEpochs ? $"({InstantOf(row)} <= clock_timestamp() OR {IsVoid(row)})" : $"{InstantOf(row)} <= clock_timestamp()";

        /// <param name="row">The name of the row; null for that of the table.</param>
        public string AndNotVoid(string? row = null) => hasEpochs ? $" AND NOT {IsVoid(row)}" : "";

        /// <remarks>A subquery that returns a value, and not EXISTS, which the planner could make a join: this one is asked of the row as it is after a wait for its lock.</remarks>
        private string IsVoid(string? row) =>
            $"coalesce((SELECT epoch.joined >= coalesce({row ?? table}.joined, '-infinity') FROM {table} AS epoch WHERE epoch.sid = {EpochOf($"{row ?? table}.subject")}), false)";

        private string InstantOf(string? row) => column.InstantOf(row is null ? "expire" : $"{row}.expire");
    }
}
