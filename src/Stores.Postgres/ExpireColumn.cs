namespace SessionStores.Postgres;

/// <summary>The SQL that reads and writes the <c>expire</c> column, which is in whole seconds because Node peers count in them.</summary>
/// <remarks>
/// A column with time zone holds the instant. One without holds the local time of a zone, and in the hour in which clocks go back each
/// local time stands for two instants: the server takes it for the later one, so for the earlier one the store adds as many
/// microseconds as it lies minutes before. Node compares whole seconds and does not notice.
/// </remarks>
internal sealed class ExpireColumn
{
    private readonly string? _zone;
    private readonly string? _timeToLiveSeconds;

    /// <param name="zone">The zone of a column without time zone; null for a column with time zone.</param>
    /// <param name="timeToLiveSeconds">The life of content that never expires, as an SQL number; null for no end.</param>
    public ExpireColumn(string? zone, string? timeToLiveSeconds)
    {
        _zone = zone is null ? null : $"'{zone.Replace("'", "''", StringComparison.Ordinal)}'";
        _timeToLiveSeconds = timeToLiveSeconds;
        Instant = InstantOf("expire");
        IsLive = $"{Instant} > {Clock}";
        Epoch = $"date_part('epoch', {Instant})";
    }

    /// <summary>The server's clock, which alone decides expiry. It goes on while a statement waits for a lock; <c>now()</c> does not.</summary>
    public const string Clock = "clock_timestamp()";

    /// <summary>The column as a <c>timestamptz</c>.</summary>
    public string Instant { get; }

    /// <summary>The column as seconds since 1970, infinity for never.</summary>
    public string Epoch { get; }

    public string IsLive { get; }

    /// <summary>True of every row that expired before the statement began, in a form that an index on the column serves; not of those
    /// alone.</summary>
    public string MayHaveExpired => _zone is null ? "expire < now()" : $"expire < now() AT TIME ZONE {_zone}";

    /// <summary>The column under a qualified name as a <c>timestamptz</c>.</summary>
    public string InstantOf(string column) => _zone is null ? column : InstantOfLocal(column, _zone);

    /// <summary>The expiry that the caller named, in seconds since 1970.</summary>
    public string SecondsOf(string parameter) => _timeToLiveSeconds is null
        ? parameter
        : $"CASE WHEN {parameter} = 'Infinity'::float8 THEN date_part('epoch', {Clock}) + {_timeToLiveSeconds} ELSE {parameter} END";

    /// <summary>Rounds up, but never an instant that has passed into one that is still to come (L11).</summary>
    public string RoundedInstantOf(string parameter)
    {
        var seconds = SecondsOf(parameter);
        return $"to_timestamp(CASE WHEN to_timestamp({seconds}) > {Clock} THEN ceil({seconds}) ELSE floor({seconds}) END)";
    }

    /// <summary>The value to store for a <c>timestamptz</c> of whole seconds.</summary>
    public string ValueOf(string instant)
    {
        if (_zone is null)
            return instant;

        return $"(SELECT CASE WHEN isfinite(i) THEN (i AT TIME ZONE {_zone})" +
            $" + (date_part('epoch', (i AT TIME ZONE {_zone}) AT TIME ZONE {_zone} - i) / 60) * interval '1 microsecond'" +
            $" ELSE i AT TIME ZONE {_zone} END FROM (SELECT {instant} AS i) AS instant)";
    }

    private static string InstantOfLocal(string column, string zone)
    {
        var whole = $"date_trunc('second', {column})";
        var minutesBefore = $"(date_part('microseconds', {column})::bigint % 1000000)";
        var earlier = $"({whole} AT TIME ZONE {zone} - {minutesBefore} * interval '1 minute')";
        return $"CASE WHEN {minutesBefore} BETWEEN 1 AND 180 AND {earlier} AT TIME ZONE {zone} = {whole}" +
            $" THEN {earlier} ELSE {column} AT TIME ZONE {zone} END";
    }
}
