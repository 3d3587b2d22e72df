namespace SessionStores.Postgres;

/// <summary>The SQL of one table in the shape in which it was found: one statement per operation.</summary>
/// <remarks>
/// <para>Each statement is a transaction of its own. Under READ COMMITTED one that meets a row under change waits and then checks its
/// conditions against the new row, so a condition in WHERE is a compare-and-set. Where the outcome has to be told (replaced, conflict,
/// gone), the row is locked first and judged once; what was read from the snapshot of the statement would be older.</para>
/// <para>Values are parameters ($1 the id; named where Dapper runs the statement); only quoted names, the zone and numbers of the options are part of the text.</para>
/// </remarks>
internal sealed class Statements
{
    /// <summary>"SESS": the class of the advisory lock that a pruner holds, the table's oid being the other half.</summary>
    private const int PruneLockClass = 0x53455353;

    public Statements(SessionTable table, uint oid, ExpireColumn expire, bool hasSubject, bool hasExpireIndex)
    {
        TableName = table.Name;
        HasSubject = hasSubject;
        HasExpireIndex = hasExpireIndex;
        var t = table.Name;
        var live = expire.IsLive;
        var subject = hasSubject ? "subject" : "NULL::text";
        var columns = $"sess, {expire.Epoch}, {subject}, date_part('epoch', {ExpireColumn.Clock})";
        var value = expire.ValueOf(expire.RoundedInstantOf("$3"));

        Get = $"SELECT {columns} FROM {t} WHERE sid = $1 AND {live}";

        // Whether the slide is due is asked of the snapshot first, so that a read that is not due locks nothing; where it is, the row is
        // locked and judged anew as it is then.
        var limit = $"to_timestamp(ceil({SlideLimit.Seconds(expire.SecondsOf("$3"))}))";
        string IsDue(string expiresAt) => $"{expiresAt} < {ExpireColumn.Clock} + make_interval(secs => $2) AND {limit} > {expiresAt}";
        GetSliding =
            $"""
            WITH due AS MATERIALIZED (SELECT FROM {t} WHERE sid = $1 AND {live} AND {IsDue(expire.Instant)}),
            found AS MATERIALIZED (
              SELECT sess, {expire.Instant} AS expires_at, {subject} AS subject FROM {t} WHERE sid = $1 AND EXISTS (SELECT FROM due) FOR UPDATE),
            judged AS MATERIALIZED (
              SELECT sess, expires_at, subject, CASE WHEN {IsDue("expires_at")} THEN {limit} END AS extended
              FROM found WHERE expires_at > {ExpireColumn.Clock}),
            slid AS (UPDATE {t} SET expire = {expire.ValueOf("extended")} FROM judged WHERE sid = $1 AND extended IS NOT NULL)
            SELECT sess, date_part('epoch', coalesce(extended, expires_at)), subject, date_part('epoch', {ExpireColumn.Clock}) FROM judged
            UNION ALL
            SELECT {columns} FROM {t} WHERE sid = $1 AND {live} AND NOT EXISTS (SELECT FROM due)
            """;

        var insert = $"INSERT INTO {t} AS held (sid, sess, expire{(hasSubject ? ", subject" : "")}) VALUES ($1, $2, {value}{(hasSubject ? ", $4" : "")})";
        var take = $"ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire{(hasSubject ? ", subject = EXCLUDED.subject" : "")}";
        var heldHasExpired = $"{expire.InstantOf("held.expire")} <= {ExpireColumn.Clock}";
        Create = $"{insert} {take} WHERE {heldHasExpired} RETURNING 1";
        Set = $"{insert} {take}";

        var same = "sess::text = $4" + (hasSubject ? " AND subject IS NOT DISTINCT FROM $6" : "");
        Replace =
            $"""
            WITH {Judged(same)},
            written AS (
              UPDATE {t} SET sess = $2, expire = {value}{(hasSubject ? ", subject = $5" : "")}
              FROM judged WHERE sid = $1 AND same)
            SELECT same FROM judged
            """;

        var sameOrAny = "($4::text IS NULL OR sess::text = $4" + (hasSubject ? " AND subject IS NOT DISTINCT FROM $7)" : ")");
        Rotate =
            $"""
            WITH {Judged(sameOrAny)},
            written AS (
              UPDATE {t} SET sid = $5, sess = $2, expire = {value}{(hasSubject ? ", subject = $6" : "")}
              FROM judged WHERE sid = $1 AND same)
            SELECT same FROM judged
            """;

        var moved = expire.RoundedInstantOf("$2");
        Touch =
            $"""
            WITH moved AS (UPDATE {t} SET expire = {expire.ValueOf(moved)} WHERE sid = $1 AND {live} AND {moved} > {expire.Instant} RETURNING 1)
            SELECT 1 FROM moved
            UNION ALL
            SELECT 1 FROM {t} WHERE sid = $1 AND {live} AND NOT EXISTS (SELECT FROM moved)
            """;
        IsLive = $"SELECT 1 FROM {t} WHERE sid = $1 AND {live}";
        Destroy = $"DELETE FROM {t} WHERE sid = $1 RETURNING {live}";
        RemoveExpired = $"DELETE FROM {t} WHERE sid = $1 AND {expire.Instant} <= {ExpireColumn.Clock} RETURNING 1";

        var row = $"sid AS \"Id\", convert_to(sess::text, 'UTF8') AS \"Payload\", {expire.Epoch} AS \"Epoch\", {subject} AS \"Subject\"";
        Page = $"SELECT {row} FROM {t} WHERE (@Last::text IS NULL OR sid > @Last) AND {live} ORDER BY sid LIMIT @Size";
        SubjectPage = $"SELECT {row} FROM {t} WHERE subject = @Subject AND (@Last::text IS NULL OR sid > @Last) AND {live} ORDER BY sid LIMIT @Size";
        Count = $"SELECT count(*) FROM {t} WHERE {live}";
        DestroyBySubject =
            $"""
            WITH gone AS (DELETE FROM {t} WHERE subject = @Subject AND (@ExceptId::text IS NULL OR sid <> @ExceptId) RETURNING {live} AS was_live)
            SELECT count(*) FILTER (WHERE was_live) FROM gone
            """;
        ClearBatch =
            $"""
            WITH batch AS (SELECT sid FROM {t} WHERE (@Last::text IS NULL OR sid > @Last) ORDER BY sid LIMIT @Size),
            gone AS (DELETE FROM {t} AS cleared USING batch WHERE cleared.sid = batch.sid)
            SELECT max(sid) AS "LastId", count(*) AS "Count" FROM batch
            """;

        // The clock of the statement's start, so that an index on expire can serve it; a live row is judged by the exact instant besides.
        var pruner = $"pruner AS MATERIALIZED (SELECT pg_try_advisory_xact_lock({PruneLockClass}, {unchecked((int)oid)}) AS mine)";
        var batch = $"{expire.MayHaveExpired} AND {expire.Instant} < now() AND (SELECT mine FROM pruner)";
        var gone =
            $"""
            gone AS (
              DELETE FROM {t} AS pruned USING batch
              WHERE pruned.sid = batch.sid AND {expire.InstantOf("pruned.expire")} < now() RETURNING 1)
            SELECT mine AS "Mine", (SELECT count(*) FROM gone) AS "Count" FROM pruner
            """;
        PruneByIndex =
            $"""
            WITH {pruner},
            batch AS (SELECT sid FROM {t} WHERE {batch} ORDER BY expire LIMIT @Size FOR UPDATE SKIP LOCKED),
            {gone}
            """;
        PruneByBlocks =
            $"""
            WITH {pruner},
            batch AS (SELECT sid FROM {t} WHERE ctid >= @From::text::tid AND ctid < @To::text::tid AND {batch} ORDER BY ctid LIMIT @Size FOR UPDATE SKIP LOCKED),
            {gone}
            """;
        CountBlocks = $"SELECT pg_relation_size({oid}::regclass) / current_setting('block_size')::bigint";

        // No row: gone. The clock is asked once, after the wait for the lock.
        string Judged(string isSame) =>
            $"""
            found AS MATERIALIZED (SELECT {isSame} AS same, {expire.Instant} AS expires_at FROM {t} WHERE sid = $1 FOR UPDATE),
            judged AS MATERIALIZED (SELECT same FROM found WHERE expires_at > {ExpireColumn.Clock})
            """;
    }

    public string TableName { get; }

    public bool HasSubject { get; }

    public bool HasExpireIndex { get; }

    public string Get { get; }

    public string GetSliding { get; }

    public string Create { get; }

    public string Set { get; }

    public string Replace { get; }

    public string Rotate { get; }

    public string Touch { get; }

    public string IsLive { get; }

    public string Destroy { get; }

    public string RemoveExpired { get; }

    public string Page { get; }

    public string SubjectPage { get; }

    public string Count { get; }

    public string DestroyBySubject { get; }

    public string ClearBatch { get; }

    public string PruneByIndex { get; }

    public string PruneByBlocks { get; }

    public string CountBlocks { get; }
}
