using System.Data.Common;
using Dapper;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>What is there: the table with its columns and indexes, and what matters of the server.</summary>
internal sealed class TableShape
{
    public const string Operation = "SetUp";

    // The settings of a role and a database take effect at log-in; those of the role in the database come first. reset_val is what the
    // server gave the connection, unless the connection itself named a zone.
    private const string ServerSql =
        """
        SELECT pg_backend_pid() AS "BackendProcessId",
          to_regclass(@Name)::oid AS "Oid",
          (@Schema::text IS NULL OR to_regnamespace(@Schema) IS NOT NULL) AS "SchemaExists",
          (SELECT relpersistence = 'u' FROM pg_catalog.pg_class WHERE oid = to_regclass(@Name)) AS "IsUnlogged",
          (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone' AND source <> 'client') AS "GivenZone",
          (SELECT substr(setting, length('timezone=') + 1)
           FROM pg_catalog.pg_db_role_setting AS s, unnest(s.setconfig) AS setting
           WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
             AND s.setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
             AND lower(setting) LIKE 'timezone=%'
           ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1) AS "RoleZone"
        """;

    private const string ColumnsSql =
        """
        SELECT a.attname::text AS "Name", t.typname::text AS "Type",
          a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "NeedsValue",
          EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indisvalid) AS "IsIndexed",
          EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indisvalid
            AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indimmediate) AS "IsUnique"
        FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        WHERE a.attrelid = to_regclass(@Name) AND a.attnum > 0 AND NOT a.attisdropped
        """;

    private static readonly string[] IdTypes = ["varchar", "text"];
    private static readonly string[] ExpireTypes = ["timestamp", "timestamptz"];

    /// <summary>Zone names that AT TIME ZONE takes for an abbreviation of a fixed offset, while TimeZone keeps summer time with them.</summary>
    private static readonly string[] TwofoldZones = ["CET", "EET", "MET", "WET"];

    private readonly Server _server;
    private readonly Dictionary<string, Column> _columns;

    private TableShape(Server server, IEnumerable<Column> columns)
    {
        _server = server;
        _columns = columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
    }

    public bool Exists => _server.Oid is not null;

    public uint Oid => _server.Oid ?? 0;

    public bool SchemaExists => _server.SchemaExists;

    public bool IsUnlogged => _server.IsUnlogged ?? false;

    public int BackendProcessId => _server.BackendProcessId;

    public bool HasSubject => _columns.ContainsKey("subject");

    public bool HasSubjectIndex => _columns.TryGetValue("subject", out var column) && column.IsIndexed;

    public bool HasExpireIndex => _columns.TryGetValue("expire", out var column) && column.IsIndexed;

    public bool ExpireHasZone => _columns["expire"].Type == "timestamptz";

    public static async Task<TableShape> ReadAsync(
        NpgsqlConnection connection, SessionTable table, NpgsqlTransaction? transaction, int timeoutSeconds, CancellationToken cancellationToken)
    {
        var server = await connection.ReadOneAsync(
            Queries.Command(ServerSql, Names().With(nameof(table.Schema), table.Schema), cancellationToken, transaction, timeoutSeconds), Server.Read).ConfigureAwait(false);
        var columns = await connection.ReadAllAsync(
            Queries.Command(ColumnsSql, Names(), cancellationToken, transaction, timeoutSeconds), Column.Read).ConfigureAwait(false);
        return new TableShape(server, columns);

        DynamicParameters Names() => new DynamicParameters().With(nameof(table.Name), table.Name);
    }

    /// <summary>Refuses a table that is there but is not a session table, and names what is wrong with it.</summary>
    public void ThrowIfUnfit(SessionTable table)
    {
        if (!Exists)
            return;

        var problems = new List<string>();
        Check("sid", IdTypes);
        Check("sess", ["json"]);
        Check("expire", ExpireTypes);
        if (HasSubject)
            Check("subject", IdTypes);

        if (_columns.TryGetValue("sid", out var id) && !id.IsUnique)
            problems.Add("sid needs a primary key or unique index of its own");

        foreach (var column in _columns.Values.Where(column => column.NeedsValue && column.Name is not ("sid" or "sess" or "expire")))
            problems.Add($"column {column.Name} must be nullable or have a default");

        if (problems.Count > 0)
            throw PostgresFaults.Misconfigured(Operation, $"The table {table.Name} is not a session table: {string.Join("; ", problems)}.");

        void Check(string name, string[] types)
        {
            if (!_columns.TryGetValue(name, out var column))
                problems.Add($"column {name} is missing");
            else if (!types.Contains(column.Type))
                problems.Add($"column {name} must be of type {string.Join(" or ", types)}, but is {column.Type}");
        }
    }

    /// <summary>The TimeZone that the server gives this role in this database, and so a Node peer.</summary>
    public string ServerTimeZone(SessionTable table)
    {
        var zone = _server.GivenZone ?? _server.RoleZone ?? throw PostgresFaults.Misconfigured(Operation,
            $"Column expire of {table.Name} has no time zone, and this connection names a zone of its own (Timezone in the connection string, or the variable PGTZ), " +
            "which hides the one that Node peers get. Remove it, or set PostgresStoreOptions.ExpireTimeZone to the zone of the Node peers.");

        return !TwofoldZones.Contains(zone, StringComparer.OrdinalIgnoreCase) ? zone : throw PostgresFaults.Misconfigured(Operation,
            $"Column expire of {table.Name} has no time zone, and the server's TimeZone {zone} is also the abbreviation of a fixed offset. Set TimeZone and PostgresStoreOptions.ExpireTimeZone to a name such as Europe/Brussels.");
    }

    private sealed record Server(int BackendProcessId, uint? Oid, bool SchemaExists, bool? IsUnlogged, string? GivenZone, string? RoleZone)
    {
        public static Server Read(DbDataReader row) => new(
            row.GetInt32(0),
            row.IsDBNull(1) ? null : row.GetFieldValue<uint>(1),
            row.GetBoolean(2),
            row.IsDBNull(3) ? null : row.GetBoolean(3),
            row.TextOrNull(4),
            row.TextOrNull(5));
    }

    private sealed record Column(string Name, string Type, bool NeedsValue, bool IsIndexed, bool IsUnique)
    {
        public static Column Read(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4));
    }
}
