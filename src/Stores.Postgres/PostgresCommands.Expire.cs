namespace SessionStores.Postgres;

internal sealed partial class PostgresCommands
{
    /// <summary>The expressions that read and write the <c>expire</c> column, which is in whole seconds because Node peers count in them.</summary>
    /// <remarks>
    /// A column with time zone holds the instant. One without holds the local time of a zone, and in the hour in which clocks go back each
    /// local time means two instants: the server takes it for the later one, so for the earlier one the store adds as many microseconds as
    /// it is minutes before. Node compares whole seconds and does not notice.
    /// </remarks>
    private sealed class ExpireColumn
    {
        /// <summary>The server's clock in seconds since 1970. It continues while a statement waits for a lock, which now() does not.</summary>
        private const string Now = "date_part('epoch', clock_timestamp())";

        private readonly string? _zone;
        private readonly string? _timeToLiveSeconds;

        public ExpireColumn(string? zone, string? timeToLiveSeconds)
        {
            _zone = zone is null ? null : $"'{zone.Replace("'", "''", StringComparison.Ordinal)}'";
            _timeToLiveSeconds = timeToLiveSeconds;
            Instant = InstantOf("expire");
        }

        /// <summary>The column as a <c>timestamptz</c>.</summary>
        public string Instant { get; }

        /// <summary>The start of the statement as the column would hold it.</summary>
        public string NowAsStored => _zone is null ? "now()" : $"now() AT TIME ZONE {_zone}";

        /// <summary>The column under a qualified name as a <c>timestamptz</c>.</summary>
        public string InstantOf(string column)
        {
            if (_zone is null)
                return column;

            var whole = $"date_trunc('second', {column})";
            var minutesBefore = $"(date_part('microseconds', {column})::bigint % 1000000)";
            var earlier = $"({whole} AT TIME ZONE {_zone} - {minutesBefore} * interval '1 minute')";
            return
                $"""
                CASE WHEN {minutesBefore} BETWEEN 1 AND 180 AND {earlier} AT TIME ZONE {_zone} = {whole}
                  THEN {earlier} ELSE {column} AT TIME ZONE {_zone} END
                """;
        }

        /// <summary>The value to store for a <c>timestamptz</c> of whole seconds.</summary>
        public string Stored(string instant) => _zone is null ? instant :
            $"""
            (SELECT CASE WHEN isfinite(i)
              THEN (i AT TIME ZONE {_zone}) + (date_part('epoch', (i AT TIME ZONE {_zone}) AT TIME ZONE {_zone} - i) / 60) * interval '1 microsecond'
              ELSE i AT TIME ZONE {_zone} END FROM (SELECT {instant} AS i) AS instant)
            """;

        /// <summary>The instant at which a lifetime that is written now ends. It is rounded up, but one that has passed never into one that is
        /// still to come (L11).</summary>
        /// <param name="idle">The idle time in seconds; infinity for none.</param>
        /// <param name="end">The end in seconds since 1970; infinity for none.</param>
        public string Rounded(string idle, string end)
        {
            var wanted = Wanted(idle, end);
            return $"to_timestamp(CASE WHEN {idle} > 0 AND {end} > {Now} THEN ceil({wanted}) ELSE floor({wanted}) END)";
        }

        /// <summary>How far a slide may move a record, as <see cref="SlidingExpiry.TryExtend"/> has it: the earliest of the wanted instant, the
        /// idle time of the cookie from now, and the absolute limit.</summary>
        /// <remarks>
        /// The server refuses to look into JSON text with the escapes of U+0000 or of half a surrogate pair, both legal in <c>json</c> and in
        /// Node; such text is looked into with its escapes blanked out. A number of absurd size is no limit, and is never converted. Without
        /// the OFFSETs the planner would copy the inner expressions to each place that names them.
        /// </remarks>
        public string SlideEnd(string idle, string end) =>
            $$"""
            to_timestamp(ceil((SELECT greatest(0, least({{Wanted(idle, end)}},
                {{Now}} + {{NumberOf("idle")}} / 1000,
                {{NumberOf("absolute")}} / 1000))
              FROM (SELECT readable -> 'cookie' -> 'originalMaxAge' AS idle, readable -> '{{ReservedMembers.Absolute}}' AS absolute
                FROM (SELECT CASE WHEN sess::text ~* '\\u(0000|d[89a-f])'
                  THEN regexp_replace(sess::text, '\\(u....|.)', '_', 'g')::json ELSE sess END AS readable OFFSET 0) AS text OFFSET 0) AS members)))
            """;

        private static string NumberOf(string json) =>
            $$"""
            CASE WHEN json_typeof({{json}}) = 'number' AND length({{json}}::text) < 300 AND {{json}}::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
                  THEN greatest(least({{json}}::text::numeric, 1e15), -1e15)::float8 END
            """;

        /// <summary>The instant that a lifetime asks for, in seconds since 1970; content that never expires gets the time to live.</summary>
        private string Wanted(string idle, string end) => _timeToLiveSeconds is null
            ? $"least({Now} + {idle}, {end})"
            : $"least({Now} + CASE WHEN {idle} = 'Infinity' AND {end} = 'Infinity' THEN {_timeToLiveSeconds} ELSE {idle} END, {end})";
    }
}
