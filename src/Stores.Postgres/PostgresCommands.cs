namespace SessionStores.Postgres;

/// <summary>The SQL of one table in the shape in which it was found: one statement per operation.</summary>
/// <remarks>
/// <para>Each statement is a transaction of its own. Under READ COMMITTED one that meets a row under change waits and then checks its
/// conditions against the new row, so a condition in WHERE is a compare-and-set. Where the outcome has to be told (replaced, conflict,
/// gone), the row is locked first and judged once; what was read from the snapshot of the statement would be older.</para>
/// <para>Values are parameters ($1 is the id; named where Dapper runs the statement). Only quoted names, the zone and numbers of the options
/// are part of the text. How the statements read in the end is in tests/Stores.Postgres.Tests/Statements.</para>
/// </remarks>
internal sealed partial class PostgresCommands
{
    /// <summary>"SESS": the class of the advisory lock that a pruner holds. The other half is the oid of the table.</summary>
    private const int PruneLockClass = 0x53455353;

    /// <param name="table">The quoted name of the table.</param>
    /// <param name="oid">The oid of the table.</param>
    /// <param name="zone">The zone of an <c>expire</c> column without time zone; null for a column with time zone.</param>
    /// <param name="timeToLiveSeconds">The life of content that never expires, as an SQL number; null for no end.</param>
    /// <param name="hasSubject">Whether the table has the column subject.</param>
    /// <param name="hasJoined">Whether the table has the column joined.</param>
    /// <param name="hasEpochs">Whether sessions can be void by the epoch of their subject.</param>
    /// <param name="hasKeys">Whether sessions have keys, which are in the column key beside the payload that has them: for the index.</param>
    /// <param name="hasExpireIndex">Whether an index begins with expire.</param>
    /// <param name="maxPayloadBytes">The size of the largest payload that is read.</param>
    public PostgresCommands(string table, uint oid, string? zone, string? timeToLiveSeconds, bool hasSubject, bool hasJoined, bool hasEpochs, bool hasKeys, bool hasExpireIndex, int maxPayloadBytes)
    {
        Table = table;
        HasSubject = hasSubject;
        HasKeys = hasKeys;
        HasExpireIndex = hasExpireIndex;

        // The holes of the statements. A lifetime is two parameters: an idle time ($3) and an end ($4).
        var column = new ExpireColumn(zone, timeToLiveSeconds);
        var expire = column.Instant;
        var rows = new Liveness(table, column, hasEpochs);
        var isLive = rows.IsLive();
        var newExpire = column.Stored(column.Rounded("$3", "$4"));
        var subject = hasSubject ? "subject" : "NULL::text";
        string IfSubject(string sql) => hasSubject ? sql : "";
        string IfJoined(string sql) => hasSubject && hasJoined ? sql : "";
        string IfKeys(string sql) => hasKeys ? sql : "";

        // The expiry is returned as the column has it, so that a prepared statement notices when the type of the column changes.
        var payload = Payload(hasKeys ? maxPayloadBytes + ReservedMember.MostBytes : maxPayloadBytes);
        Get =
            $"""
            SELECT {payload}, {expire}, {subject}, clock_timestamp()
            FROM {table}
            WHERE sid = $1 AND {isLive}
            """;

        // Whether the slide is due is asked of the snapshot first, so that a read that is not due locks nothing; where it is, the row is
        // locked and judged anew as it is then. A large record is not looked into: it is read as it is, with the mark of its row for
        // SlideRead, since the caller has to look into it anyway.
        var slideEnd = column.SlideEnd("$3", "$4");
        GetSliding =
            $"""
            WITH due AS MATERIALIZED (
              SELECT FROM {table}
              WHERE sid = $1 AND {isLive} AND {expire} < clock_timestamp() + make_interval(secs => $2)
                AND CASE WHEN {IsLarge} THEN false ELSE {slideEnd} > {expire} END),
            found AS MATERIALIZED (
              SELECT sess, {expire} AS expires_at, {subject} AS subject
              FROM {table}
              WHERE sid = $1 AND EXISTS (SELECT FROM due)
              FOR UPDATE),
            judged AS MATERIALIZED (
              SELECT sess, expires_at, subject,
                CASE WHEN expires_at < clock_timestamp() + make_interval(secs => $2) AND slide_end > expires_at THEN slide_end END AS extended
              FROM found, LATERAL (
                SELECT CASE WHEN NOT {IsLarge} THEN {slideEnd} END AS slide_end OFFSET 0) AS slide
              WHERE expires_at > clock_timestamp()),
            slid AS (
              UPDATE {table} SET expire = {column.Stored("extended")}
              FROM judged
              WHERE sid = $1 AND extended IS NOT NULL)
            SELECT {payload}, coalesce(extended, expires_at), subject, clock_timestamp(), NULL
            FROM judged
            UNION ALL
            SELECT {payload}, {expire}, {subject}, clock_timestamp(), CASE WHEN {IsLarge} THEN xmin::text END
            FROM {table}
            WHERE sid = $1 AND {isLive} AND NOT EXISTS (SELECT FROM due)
            """;

        // Only the row that was read, in the state in which it was read.
        SlideRead =
            $"""
            UPDATE {table} SET expire = {column.Stored(column.Rounded("'Infinity'::float8", "$3"))}
            WHERE sid = $1 AND xmin::text = $2 AND {isLive}
            RETURNING {expire}, clock_timestamp()
            """;

        // A record under an id ends what became of the id before.
        Create =
            $"""
            WITH dropped AS (
              DELETE FROM {table} WHERE sid = {LinkOf("$1")})
            INSERT INTO {table} AS held (sid, sess, expire{IfSubject(", subject")}{IfKeys(", key")})
            VALUES ($1, $2, {newExpire}{IfSubject(", $5")}{IfKeys(", $6")})
            ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire{IfSubject(", subject = EXCLUDED.subject")}{IfKeys(", key = EXCLUDED.key")}{IfJoined(", joined = EXCLUDED.joined")}
            WHERE {rows.IsDead("held")}
            RETURNING 1
            """;

        Set =
            $"""
            WITH dropped AS (
              DELETE FROM {table} WHERE sid = {LinkOf("$1")})
            INSERT INTO {table} AS held (sid, sess, expire{IfSubject(", subject")}{IfKeys(", key")})
            VALUES ($1, $2, {newExpire}{IfSubject(", $5")}{IfKeys(", $6")})
            ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire{IfSubject(", subject = EXCLUDED.subject")}{IfKeys(", key = EXCLUDED.key")}{IfJoined($"""
            ,
              joined = CASE WHEN held.subject = EXCLUDED.subject AND {rows.IsLive("held")} THEN held.joined ELSE EXCLUDED.joined END
            """)}
            """;

        // No row: gone. For any version $5 is null. The clock is asked once, after the wait for the lock.
        Replace =
            $"""
            WITH found AS MATERIALIZED (
              SELECT ($5::text IS NULL OR sess::text = $5{IfSubject(" AND subject IS NOT DISTINCT FROM $7")}) AS same, {expire} AS expires_at
              FROM {table}
              WHERE sid = $1{rows.AndNotVoid()}
              FOR UPDATE),
            judged AS MATERIALIZED (
              SELECT same FROM found WHERE expires_at > clock_timestamp()),
            written AS (
              UPDATE {table} SET sess = $2, expire = {newExpire}{IfSubject(", subject = $6")}{IfJoined(Joined("$6"))}{IfKeys(", key = $8")}
              FROM judged
              WHERE sid = $1 AND same)
            SELECT same FROM judged
            """;

        // As Replace. The row itself gets the new id, so that whoever waits
        // for it, such as a log-out everywhere, meets it.
        Rotate =
            $"""
            WITH found AS MATERIALIZED (
              SELECT ($5::text IS NULL OR sess::text = $5{IfSubject(" AND subject IS NOT DISTINCT FROM $8")}) AS same, {expire} AS expires_at
              FROM {table}
              WHERE sid = $1{rows.AndNotVoid()}
              FOR UPDATE),
            judged AS MATERIALIZED (
              SELECT same FROM found WHERE expires_at > clock_timestamp()),
            written AS (
              UPDATE {table} SET sid = $6, sess = $2, expire = {newExpire}{IfSubject(", subject = $7")}{IfJoined(Joined("$7"))}{IfKeys(", key = $9")}
              FROM judged
              WHERE sid = $1 AND same),
            linked AS (
              INSERT INTO {table} (sid, sess, expire)
              SELECT {LinkOf("$1")}, json_build_object('{LinkTarget}', $6::text), {column.Stored(LinkEnd)} FROM judged WHERE same
              ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire),
            dropped AS (
              DELETE FROM {table} USING judged WHERE sid = {LinkOf("$6")} AND same)
            SELECT same FROM judged
            """;

        // A touch that would not lengthen the life of the session writes nothing.
        var touched = column.Rounded("$2", "$3");
        Touch =
            $"""
            WITH moved AS (
              UPDATE {table} SET expire = {column.Stored(touched)}
              WHERE sid = $1 AND {isLive} AND {touched} > {expire}
              RETURNING 1)
            SELECT 1 FROM moved
            UNION ALL
            SELECT 1 FROM {table} WHERE sid = $1 AND {isLive} AND NOT EXISTS (SELECT FROM moved)
            """;

        var many = new Many(table, column, rows, payload, hasSubject, hasJoined, hasKeys);
        (GetMany, SlideMany, CreateMany, ReplaceMany, TouchMany) = (many.Get, many.Slide, many.Create, many.Replace, many.Touch);

        if (hasSubject)
        {
            LockSubject = $"SELECT pg_advisory_xact_lock(hashtextextended($1, {oid}))";
            var capped = new Capped(table, column, rows, newExpire, hasJoined, hasKeys);
            (CreateOfSubject, ReplaceOfSubject, RotateOfSubject) = (capped.Create, capped.Replace, capped.Rotate);
        }

        if (hasEpochs)
            (VoidSubject, PruneSubjects) = (VoidOf(table), PruneVoidOf(table));

        IsLive = $"SELECT 1 FROM {table} WHERE sid = $1 AND {isLive}";

        // A row that the statement saw and could not delete was rotated or destroyed while the statement waited for it: true in the second
        // column asks for another run, which sees what became of it.
        Destroy =
            $"""
            WITH RECURSIVE {Links("ended", "SELECT $1::text, 0", table, column)},
            seen AS MATERIALIZED (
              SELECT count(*) AS total FROM {table} WHERE sid = ANY (ARRAY(SELECT id FROM ended))),
            gone AS (
              DELETE FROM {table} WHERE sid = ANY (ARRAY(SELECT id FROM ended))
              RETURNING {LinkOf("sid")} AS link, {isLive} AS was_live),
            dropped AS (
              DELETE FROM {table} WHERE sid = ANY (ARRAY(SELECT link FROM gone)))
            SELECT coalesce(bool_or(was_live), false), count(*) < (SELECT total FROM seen) FROM gone
            """;

        FindLink = LinkOf("$1", table, column);

        RemoveExpired = $"DELETE FROM {table} WHERE sid = $1 AND {rows.IsDead()} RETURNING 1";

        var listed =
            $"""
            sid AS "Id", CASE WHEN @Payloads THEN convert_to(({payload})::text, 'UTF8') END AS "Payload", date_part('epoch', {expire}) AS "Epoch", {subject} AS "Subject",
              date_part('epoch', clock_timestamp()) AS "Now", {(hasKeys ? "key" : "NULL::text")} AS "Key"
            """;
        Page =
            $"""
            SELECT {listed}
            FROM {table}
            WHERE (@Last::text IS NULL OR sid > @Last) AND {isLive} AND NOT {IsLink("sid")}
            ORDER BY sid LIMIT @Size
            """;

        Count = $"SELECT count(*) FROM {table} WHERE {isLive} AND NOT {IsLink("sid")}";

        var ofSubject = new Owned("subject", listed, table, column, rows);
        (SubjectPage, SubjectCount, DestroyBySubject) = (ofSubject.Page, ofSubject.Count, ofSubject.Destroy);
        if (hasKeys)
        {
            var ofKey = new Owned("key", listed, table, column, rows);
            (KeyPage, KeyCount, DestroyByKey) = (ofKey.Page, ofKey.Count, ofKey.Destroy);
        }

        ClearBatch =
            $"""
            WITH batch AS (
              SELECT sid FROM {table} WHERE (@Last::text IS NULL OR sid > @Last) ORDER BY sid LIMIT @Size),
            gone AS (
              DELETE FROM {table} AS cleared USING batch WHERE cleared.sid = batch.sid)
            SELECT max(sid) AS "LastId", count(*) AS "Count" FROM batch
            """;

        // The clock of the statement's start, so that an index on expire can serve the first condition, which a live row may meet too in
        // the hour in which clocks go back; the exact instant judges it.
        var pruneLock = unchecked((int)oid);
        PruneByIndex =
            $"""
            WITH pruner AS MATERIALIZED (
              SELECT pg_try_advisory_xact_lock({PruneLockClass}, {pruneLock}) AS mine),
            batch AS (
              SELECT sid FROM {table}
              WHERE expire < {column.NowAsStored} AND {expire} < now() AND (SELECT mine FROM pruner)
              ORDER BY expire LIMIT @Size
              FOR UPDATE SKIP LOCKED),
            gone AS (
              DELETE FROM {table} AS pruned USING batch
              WHERE pruned.sid = batch.sid AND {column.InstantOf("pruned.expire")} < now()
              RETURNING {IsLink("pruned.sid")} AS is_link)
            SELECT mine AS "Mine", count(is_link) AS "Removed", count(*) FILTER (WHERE NOT is_link) AS "Sessions"
            FROM pruner LEFT JOIN gone ON true GROUP BY mine
            """;

        PruneByBlocks =
            $"""
            WITH pruner AS MATERIALIZED (
              SELECT pg_try_advisory_xact_lock({PruneLockClass}, {pruneLock}) AS mine),
            batch AS (
              SELECT sid FROM {table}
              WHERE ctid >= @From::text::tid AND ctid < @To::text::tid
                AND expire < {column.NowAsStored} AND {expire} < now() AND (SELECT mine FROM pruner)
              ORDER BY ctid LIMIT @Size
              FOR UPDATE SKIP LOCKED),
            gone AS (
              DELETE FROM {table} AS pruned USING batch
              WHERE pruned.sid = batch.sid AND {column.InstantOf("pruned.expire")} < now()
              RETURNING {IsLink("pruned.sid")} AS is_link)
            SELECT mine AS "Mine", count(is_link) AS "Removed", count(*) FILTER (WHERE NOT is_link) AS "Sessions"
            FROM pruner LEFT JOIN gone ON true GROUP BY mine
            """;

        ClaimExpired = ClaimOf(table, column, rows, payload, hasSubject, hasKeys, hasExpireIndex);

        ConfirmExpired = $"DELETE FROM {table} WHERE sid = ANY ($1)";

        // Of a partitioned table the largest partition: a range of blocks is one of each partition.
        CountBlocks =
            $"""
            SELECT coalesce(max(pg_relation_size(leaf)), 0) / current_setting('block_size')::bigint
            FROM (SELECT {oid}::regclass AS leaf UNION ALL SELECT relid FROM pg_partition_tree({oid}::regclass) WHERE isleaf) AS leaves
            """;
    }

    /// <summary>Whether a payload has over 64 KiB, which a slide does not look into at the server. The first condition, which reads only the
    /// head of the value, holds for nearly all.</summary>
    private const string IsLarge = "CASE WHEN pg_column_size(sess) < 2000 THEN false ELSE octet_length(sess::text) > 65536 END";

    /// <summary>The quoted name of the table.</summary>
    public string Table { get; }

    public bool HasSubject { get; }

    public bool HasKeys { get; }

    public bool HasExpireIndex { get; }

    public string Get { get; }

    public string GetSliding { get; }

    public string SlideRead { get; }

    public string Create { get; }

    public string Set { get; }

    public string Replace { get; }

    public string Rotate { get; }

    public string Touch { get; }

    public string GetMany { get; }

    public string SlideMany { get; }

    public string CreateMany { get; }

    public string ReplaceMany { get; }

    public string TouchMany { get; }

    public string? LockSubject { get; }

    public string? CreateOfSubject { get; }

    public string? ReplaceOfSubject { get; }

    public string? RotateOfSubject { get; }

    public string IsLive { get; }

    public string FindLink { get; }

    public string Destroy { get; }

    public string RemoveExpired { get; }

    public string Page { get; }

    public string SubjectPage { get; }

    public string Count { get; }

    public string SubjectCount { get; }

    public string DestroyBySubject { get; }

    public string? KeyPage { get; }

    public string? KeyCount { get; }

    public string? DestroyByKey { get; }

    public string ClearBatch { get; }

    public string PruneByIndex { get; }

    public string PruneByBlocks { get; }

    public string CountBlocks { get; }

    /// <summary>When a session with a new subject joined it: it keeps its place when it is the subject's already.</summary>
    private static string Joined(string subject) => $", joined = CASE WHEN subject = {subject} THEN joined ELSE clock_timestamp() END";

    /// <summary>The payload, or null where it is over the limit, so that it is not sent. What is stored is compressed to no less than a 256th,
    /// and its size costs nothing to know.</summary>
    private static string Payload(int maxBytes) =>
        $"CASE WHEN pg_column_size(sess) > {maxBytes / 256} AND octet_length(sess::text) > {maxBytes} THEN NULL ELSE sess END";
}
