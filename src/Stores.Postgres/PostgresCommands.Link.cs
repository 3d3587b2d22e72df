using System.Globalization;

namespace SessionStores.Postgres;

/// <summary>Links of rotations: rows that name the id that another id became, for <see cref="RotationLink.Life"/>.</summary>
/// <remarks>
/// <para>The sid of a link is U+0001, which no id has, and a digest of the old id. So no read, write or touch meets a link, neither of this
/// store nor of a Node peer, and no statement but those that log out looks for one. It expires as a session does, and so a Node peer
/// prunes it when its time is over and not before.</para>
/// <para>A rotation locks the row of the session before it writes both, so a log-out that comes second either sees the link, or has waited
/// for the row and finds it under another id. One that comes first leaves the rotation no row.</para>
/// </remarks>
internal sealed partial class PostgresCommands
{
    /// <summary>The member of a link that holds the new id.</summary>
    private const string LinkTarget = "__rotatedTo";

    /// <summary>When a link that is written now ends, as a <c>timestamptz</c> of whole seconds.</summary>
    private static readonly string LinkEnd = string.Create(CultureInfo.InvariantCulture,
        $"to_timestamp(ceil(date_part('epoch', clock_timestamp()) + {RotationLink.Life.TotalSeconds}))");

    /// <summary>Whether a row is a link.</summary>
    private static string IsLink(string sid) => $"starts_with({sid}, E'\\x01')";

    /// <summary>The sid of the link of an id.</summary>
    private static string LinkOf(string id) => $"E'\\x01' || encode(sha256(convert_to({id}, 'UTF8')), 'base64')";

    /// <summary>A recursive query of ids and of what they became.</summary>
    /// <remarks>A row under an id was written after its link: a write that waited for the rotation could not see the link, and so not drop
    /// it. A subquery for each id, and not a join, is looked up in the index whatever the planner thinks of the number of ids.</remarks>
    private static string Links(string name, string start, string table, ExpireColumn column) =>
        $"""
        {name} (id, hop) AS (
          {start}
          UNION ALL
          SELECT became, hop + 1
          FROM (
            SELECT hop, (
              SELECT link.sess ->> '{LinkTarget}' FROM {table} AS link
              WHERE link.sid = {LinkOf($"{name}.id")} AND {column.InstantOf("link.expire")} > clock_timestamp()
                AND NOT EXISTS (SELECT FROM {table} AS held WHERE held.sid = {name}.id)) AS became
            FROM {name} WHERE hop < {RotationLink.MaxHops} OFFSET 0) AS step
          WHERE became IS NOT NULL)
        """;

    /// <summary>Reads what an id became, and for how many seconds its link is kept.</summary>
    private static string LinkOf(string id, string table, ExpireColumn column) =>
        $"""
        SELECT sess ->> '{LinkTarget}', date_part('epoch', {column.InstantOf("expire")} - clock_timestamp())
        FROM {table}
        WHERE sid = {LinkOf(id)} AND {column.InstantOf("expire")} > clock_timestamp()
          AND NOT EXISTS (SELECT FROM {table} AS held WHERE held.sid = {id})
        """;
}
