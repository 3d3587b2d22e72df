namespace SessionStores.Postgres;

/// <summary>Claims of expired sessions: the row of the session itself, which the claim gives another sid and the lease as its expiry.</summary>
/// <remarks>
/// <para>The sid of a claim begins with that of links, U+0001, so that what looks at sessions passes neither. It has the number of claims of the session, and the transaction,
/// so that it names this claim and no other. The row holds id, expiry and subject beside the payload. When the lease is over the row has expired like a session, and is claimed again.</para>
/// <para>Who claims locks the row, and skips rows that are locked, so that one claimer gets it; a write that waits for the row finds that it has another sid.</para>
/// </remarks>
internal sealed partial class PostgresCommands
{
    /// <summary>What the sid of a claim begins with. Links have base64, which has no colon.</summary>
    private const string ClaimPrefix = @"E'\x01expired:'";

    public string ClaimExpired { get; }

    public string ConfirmExpired { get; }

    /// <summary>Also removes links that have expired.</summary>
    private static string ClaimOf(string table, ExpireColumn column, Liveness rows, string payload, bool hasSubject, bool hasKeys, bool hasExpireIndex)
    {
        var isClaim = $"starts_with(sid, {ClaimPrefix})";
        var range = hasExpireIndex ? "" : "ctid >= @From::text::tid AND ctid < @To::text::tid AND ";
        var expired = $"{range}expire < {column.NowAsStored} AND {column.Instant} < now()";
        var lease = "to_timestamp(ceil(date_part('epoch', clock_timestamp()) + @Lease))";
        var subject = hasSubject ? "held.subject" : "NULL::text";
        return
            $"""
            WITH links AS (
              SELECT sid FROM {table}
              WHERE {expired} AND {IsLink("sid")} AND NOT {isClaim}
              LIMIT @Size
              FOR UPDATE SKIP LOCKED),
            dropped AS (
              DELETE FROM {table} AS old USING links WHERE old.sid = links.sid),
            batch AS (
              SELECT sid, {isClaim} AS is_claim, {payload} AS session FROM {table}
              WHERE {expired} AND ({isClaim} OR NOT {IsLink("sid")}){rows.AndNotVoid()}
              LIMIT @Size
              FOR UPDATE SKIP LOCKED),
            claimed AS (
              UPDATE {table} AS held SET
                sid = {ClaimPrefix} || CASE WHEN is_claim THEN split_part(held.sid, ':', 2)::int + 1 ELSE 1 END || ':' || txid_current() || ':' || encode(sha256(convert_to(held.sid, 'UTF8')), 'base64'),
                sess = CASE WHEN is_claim THEN held.sess ELSE json_build_object('id', held.sid, 'expired', date_part('epoch', {column.InstantOf("held.expire")}), 'subject', {subject}, 'session', session) END,
                expire = {column.Stored(lease)}{(hasSubject ? ", subject = NULL" : "")}{(hasKeys ? ", key = NULL" : "")}
              FROM batch WHERE held.sid = batch.sid
              RETURNING held.sid, held.sess)
            SELECT sid AS "Claim", convert_to(sess::text, 'UTF8') AS "Content" FROM claimed
            """;
    }
}
