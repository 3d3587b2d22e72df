namespace SessionStores.Postgres;

/// <summary>The SQL counterpart of <see cref="SlidingExpiry.TryExtend"/>: how far a slide may move a record.</summary>
internal static class SlideLimit
{
    /// <summary>The earliest of the wanted instant, the idle time of the cookie from now, and the absolute limit; seconds since 1970.</summary>
    /// <remarks>
    /// The server refuses to look into JSON text with the escapes of U+0000 or of half a surrogate pair, both legal in <c>json</c> and in
    /// Node; such text is looked into with its escapes blanked out. A number of absurd size is no limit, and is never converted. Without the
    /// OFFSETs the planner would copy the inner expressions to each place that names them.
    /// </remarks>
    public static string Seconds(string wanted) =>
        $$"""
        (SELECT greatest(0, least({{wanted}}, date_part('epoch', {{ExpireColumn.Clock}}) + {{Number("idle")}} / 1000, {{Number("absolute")}} / 1000))
         FROM (SELECT readable -> 'cookie' -> 'originalMaxAge' AS idle, readable -> '{{ReservedMembers.Absolute}}' AS absolute
           FROM (SELECT CASE WHEN sess::text ~* '\\u(0000|d[89a-f])'
             THEN regexp_replace(sess::text, '\\(u....|.)', '_', 'g')::json ELSE sess END AS readable OFFSET 0) AS text OFFSET 0) AS members)
        """;

    private static string Number(string json) =>
        $$"""
        CASE WHEN json_typeof({{json}}) = 'number' AND length({{json}}::text) < 300 AND {{json}}::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
          THEN greatest(least({{json}}::text::numeric, 1e15), -1e15)::float8 END
        """;
}
