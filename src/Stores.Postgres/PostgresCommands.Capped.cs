namespace SessionStores.Postgres;

internal sealed partial class PostgresCommands
{
    /// <summary>The statements of writes with a cap. Each runs behind <see cref="LockSubject"/> in one transaction and one round trip: the lock lets one write
    /// after the other of a subject in, and the statement behind it sees what the one before has committed.</summary>
    /// <remarks>
    /// <para>Returns 0 for written, or the number of the status. What ends is found by when it joined and not by its id, so that a rotation that is under way
    /// saves no session. Sessions of the table from before it had the column joined are older than all others; without the column, those that expire first
    /// count as the oldest.</para>
    /// </remarks>
    private sealed class Capped
    {
        public Capped(string table, ExpireColumn column, Liveness rows, string newExpire, bool hasJoined, bool hasKeys)
        {
            string IfKeys(string sql) => hasKeys ? sql : "";
            var expire = column.Instant;
            string JoinedOf(string row) => hasJoined ? $"coalesce({row}.joined, '-infinity')" : column.InstantOf($"{row}.expire");

            // The other sessions of the subject, the newest first.
            string Others(string subject) =>
                $"""
                others AS MATERIALIZED (
                  SELECT {JoinedOf("held")} AS joined, held.sid, row_number() OVER (ORDER BY {JoinedOf("held")} DESC, held.sid DESC) AS place
                  FROM {table} AS held
                  WHERE held.subject = {subject} AND held.sid <> $1 AND {rows.IsLive("held")})
                """;

            string HasRoom(string most, string endsOldest) => $"({endsOldest} OR (SELECT count(*) FROM others) < {most})";

            string Ended(string subject, string most, string condition) =>
                $"""
                ended AS (
                  DELETE FROM {table} AS oldest USING others
                  WHERE others.place = {most} AND EXISTS ({condition})
                    AND oldest.subject = {subject} AND oldest.sid <> $1 AND {JoinedOf("oldest")} <= others.joined
                    AND oldest.sid <> ALL (ARRAY(SELECT kept.sid FROM others AS kept WHERE kept.place < {most})))
                """;

            Create =
                $"""
                WITH {Others("$5")},
                written AS (
                  INSERT INTO {table} AS held (sid, sess, expire, subject{IfKeys(", key")})
                  SELECT $1, $2, {newExpire}, $5{IfKeys(", $8")} WHERE {HasRoom("$6", "$7")}
                  ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire, subject = EXCLUDED.subject{(hasJoined ? ", joined = EXCLUDED.joined" : "")}{IfKeys(", key = EXCLUDED.key")}
                  WHERE {rows.IsDead("held")}
                  RETURNING 1),
                dropped AS (
                  DELETE FROM {table} WHERE sid = {LinkOf("$1")} AND EXISTS (SELECT FROM written)),
                {Ended("$5", "$6", "SELECT FROM written")}
                SELECT CASE
                  WHEN EXISTS (SELECT FROM written) THEN 0
                  WHEN {HasRoom("$6", "$7")} OR EXISTS (SELECT FROM {table} WHERE sid = $1 AND {rows.IsLive()}) THEN {(int)SessionWriteStatus.Taken}
                  ELSE {(int)SessionWriteStatus.Full} END
                """;

            // As Replace and Rotate; no row: gone.
            string Judged(string loadedSubject, string subject, string most, string endsOldest, string condition = "") =>
                $"""
                found AS MATERIALIZED (
                  SELECT ($5::text IS NULL OR sess::text = $5 AND subject IS NOT DISTINCT FROM {loadedSubject}) AS same, {expire} AS expires_at,
                    subject IS NOT DISTINCT FROM {subject} AS has_place
                  FROM {table}
                  WHERE sid = $1{rows.AndNotVoid()}
                  FOR UPDATE),
                judged AS MATERIALIZED (
                  SELECT same, has_place FROM found WHERE expires_at > clock_timestamp()),
                {Others(subject)},
                admitted AS MATERIALIZED (
                  SELECT has_place FROM judged WHERE same AND (has_place OR {HasRoom(most, endsOldest)}){condition})
                """;

            Replace =
                $"""
                WITH {Judged("$7", "$6", "$8", "$9")},
                written AS (
                  UPDATE {table} SET sess = $2, expire = {newExpire}, subject = $6{(hasJoined ? Joined("$6") : "")}{IfKeys(", key = $10")}
                  FROM admitted
                  WHERE sid = $1),
                {Ended("$6", "$8", "SELECT FROM admitted WHERE NOT has_place")}
                SELECT CASE WHEN EXISTS (SELECT FROM admitted) THEN 0 WHEN same THEN {(int)SessionWriteStatus.Full} ELSE {(int)SessionWriteStatus.Conflict} END
                FROM judged
                """;

            // The new id may be that of a session that would end.
            var isTaken = $"EXISTS (SELECT FROM {table} AS held WHERE held.sid = $6 AND {rows.IsLive("held")})";
            Rotate =
                $"""
                WITH {Judged("$8", "$7", "$9", "$10", $" AND NOT {isTaken}")},
                written AS (
                  UPDATE {table} SET sid = $6, sess = $2, expire = {newExpire}, subject = $7{(hasJoined ? Joined("$7") : "")}{IfKeys(", key = $11")}
                  FROM admitted
                  WHERE sid = $1),
                linked AS (
                  INSERT INTO {table} (sid, sess, expire)
                  SELECT {LinkOf("$1")}, json_build_object('{LinkTarget}', $6::text), {column.Stored(LinkEnd)} FROM admitted
                  ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire),
                dropped AS (
                  DELETE FROM {table} USING admitted WHERE sid = {LinkOf("$6")}),
                {Ended("$7", "$9", "SELECT FROM admitted WHERE NOT has_place")}
                SELECT CASE
                  WHEN EXISTS (SELECT FROM admitted) THEN 0
                  WHEN NOT same THEN {(int)SessionWriteStatus.Conflict}
                  WHEN {isTaken} THEN {(int)SessionWriteStatus.Taken}
                  ELSE {(int)SessionWriteStatus.Full} END
                FROM judged
                """;
        }

        public string Create { get; }

        public string Replace { get; }

        public string Rotate { get; }
    }
}
