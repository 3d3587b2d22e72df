namespace SessionStores.Postgres;

internal sealed partial class PostgresCommands
{
    /// <summary>The statements for calls that share one (decision 24): a parameter is an array, and each row that comes back has the number of
    /// its call.</summary>
    /// <remarks>
    /// <para>A call for which no row comes back is decided by the statement for one. So a statement for many leaves out what it would have to wait
    /// for, such as a row that another one holds: it never waits while it holds rows, and cannot deadlock.</para>
    /// <para>A subquery for each id is looked up in the index, and one around the parameter keeps the planner from planning anew for each number
    /// of ids.</para>
    /// </remarks>
    private sealed class Many
    {
        public Many(string table, ExpireColumn column, Liveness rows, string payload, bool hasSubject, bool hasJoined, bool hasKeys)
        {
            var expire = column.Instant;
            var isLive = rows.IsLive();
            string IfSubject(string sql) => hasSubject ? sql : "";
            string IfKeys(string sql) => hasKeys ? sql : "";
            var subject = hasSubject ? "subject" : "NULL::text";

            Get =
                $"""
                SELECT held.*, number
                FROM unnest((SELECT $1::text[])) WITH ORDINALITY AS wanted (id, number), LATERAL (
                  SELECT {payload} AS payload, {expire} AS expires_at, {subject} AS subject, clock_timestamp() AS now
                  FROM {table}
                  WHERE sid = wanted.id AND {isLive} OFFSET 0) AS held
                """;

            Slide =
                $"""
                WITH found AS MATERIALIZED (
                  SELECT wanted.*, held.*
                  FROM unnest((SELECT $1::text[]), (SELECT $2::float8[]), (SELECT $3::float8[]), (SELECT $4::float8[]))
                    WITH ORDINALITY AS wanted (id, below, idle, ends, number), LATERAL (
                    SELECT sess, {expire} AS expires_at, {subject} AS subject
                    FROM {table}
                    WHERE sid = wanted.id AND {isLive} AND {expire} < clock_timestamp() + make_interval(secs => wanted.below)
                      AND NOT {IsLarge}
                    FOR UPDATE SKIP LOCKED) AS held),
                judged AS MATERIALIZED (
                  SELECT found.*, extended
                  FROM found, LATERAL (
                    SELECT {column.SlideEnd("found.idle", "found.ends")} AS extended OFFSET 0) AS slide
                  WHERE extended > expires_at),
                slid AS (
                  UPDATE {table} SET expire = {column.Stored("judged.extended")}
                  FROM judged
                  WHERE sid = judged.id AND judged.expires_at > clock_timestamp()
                  RETURNING number)
                SELECT {payload}, extended, subject, clock_timestamp(), number
                FROM judged JOIN slid USING (number)
                """;

            // An id that is held, also by a link or an expired record, is left out: only an insert that is under way can be waited for.
            Create =
                $"""
                WITH wanted AS MATERIALIZED (
                  SELECT *
                  FROM unnest((SELECT $1::text[]), (SELECT $2::json[]), (SELECT $3::float8[]), (SELECT $4::float8[]){IfSubject(", (SELECT $5::text[])")}{IfKeys(", (SELECT $6::text[])")})
                    WITH ORDINALITY AS wanted (id, payload, idle, ends{IfSubject(", subject")}{IfKeys(", key")}, number)),
                written AS (
                  INSERT INTO {table} (sid, sess, expire{IfSubject(", subject")}{IfKeys(", key")})
                  SELECT id, payload, {column.Stored(column.Rounded("idle", "ends"))}{IfSubject(", subject")}{IfKeys(", key")}
                  FROM wanted
                  WHERE NOT EXISTS (SELECT FROM {table} AS held WHERE held.sid = wanted.id OFFSET 0)
                    AND NOT EXISTS (SELECT FROM {table} AS link WHERE link.sid = {LinkOf("wanted.id")} OFFSET 0)
                  ON CONFLICT (sid) DO NOTHING
                  RETURNING sid)
                SELECT number FROM wanted JOIN written ON sid = id
                """;

            // The clock is asked once all rows are locked.
            Replace =
                $"""
                WITH found AS MATERIALIZED (
                  SELECT wanted.*, held.*
                  FROM unnest((SELECT $1::text[]), (SELECT $2::json[]), (SELECT $3::float8[]), (SELECT $4::float8[]), (SELECT $5::text[]){IfSubject(", (SELECT $6::text[]), (SELECT $7::text[])")}{IfKeys(", (SELECT $8::text[])")})
                    WITH ORDINALITY AS wanted (id, payload, idle, ends, loaded{IfSubject(", new_subject, loaded_subject")}{IfKeys(", new_key")}, number), LATERAL (
                    SELECT sess::text = wanted.loaded{IfSubject(" AND subject IS NOT DISTINCT FROM wanted.loaded_subject")} AS same, {expire} AS expires_at
                    FROM {table}
                    WHERE sid = wanted.id{rows.AndNotVoid()}
                    FOR UPDATE SKIP LOCKED) AS held),
                judged AS MATERIALIZED (
                  SELECT found.* FROM found, (
                    SELECT clock_timestamp() AS now FROM (SELECT count(*) FROM found) AS locked OFFSET 0) AS clock
                  WHERE expires_at > now),
                written AS (
                  UPDATE {table} SET sess = judged.payload, expire = {column.Stored(column.Rounded("judged.idle", "judged.ends"))}{IfSubject(", subject = judged.new_subject")}{(hasSubject && hasJoined ? Joined("judged.new_subject") : "")}{IfKeys(", key = judged.new_key")}
                  FROM judged
                  WHERE sid = judged.id AND same
                  RETURNING judged.number)
                SELECT number, true FROM written
                UNION ALL
                SELECT number, false FROM judged WHERE NOT same
                """;

            var touched = column.Rounded("wanted.idle", "wanted.ends");
            Touch =
                $"""
                WITH wanted AS MATERIALIZED (
                  SELECT *
                  FROM unnest((SELECT $1::text[]), (SELECT $2::float8[]), (SELECT $3::float8[])) WITH ORDINALITY AS wanted (id, idle, ends, number)),
                found AS MATERIALIZED (
                  SELECT wanted.* FROM wanted, LATERAL (
                    SELECT FROM {table}
                    WHERE sid = wanted.id AND {isLive} AND {touched} > {expire}
                    FOR UPDATE SKIP LOCKED) AS held),
                moved AS (
                  UPDATE {table} SET expire = {column.Stored(column.Rounded("found.idle", "found.ends"))}
                  FROM found
                  WHERE sid = found.id AND {expire} > clock_timestamp()
                  RETURNING number)
                SELECT number FROM moved
                UNION ALL
                SELECT number FROM wanted, LATERAL (
                  SELECT FROM {table}
                  WHERE sid = wanted.id AND {isLive} AND {touched} <= {expire} OFFSET 0) AS kept
                """;
        }

        public string Get { get; }

        public string Slide { get; }

        public string Create { get; }

        public string Replace { get; }

        public string Touch { get; }
    }
}
