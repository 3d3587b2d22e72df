using Dapper;
using Npgsql;

namespace SessionStores.Postgres;

internal sealed partial class PostgresSetUp
{
    /// <summary>What exists: the table with its columns and indexes, and what matters of the server.</summary>
    private sealed class Shape
    {
        private static readonly string[] TextTypes = ["varchar", "text"];
        private static readonly string[] ExpireTypes = ["timestamp", "timestamptz"];

        /// <summary>Zone names that AT TIME ZONE takes for an abbreviation of a fixed offset, while TimeZone keeps summer time with them.</summary>
        private static readonly string[] TwofoldZones = ["CET", "EET", "MET", "WET"];

        private readonly ServerRow _server;
        private readonly Dictionary<string, ColumnRow> _columns;

        private Shape(ServerRow server, IEnumerable<ColumnRow> columns)
        {
            _server = server;
            _columns = columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        }

        public bool Exists => _server.Oid is not null;

        public uint Oid => (uint)(_server.Oid ?? 0);

        public bool SchemaExists => _server.SchemaExists;

        public bool IsUnlogged => _server.IsUnlogged;

        public int BackendProcessId => _server.BackendProcessId;

        public bool HasSubject => _columns.ContainsKey("subject");

        /// <summary>Whether sessions have an instant at which they joined their subject. Caps end sessions in another order without it.</summary>
        public bool HasJoined => _columns.TryGetValue("joined", out var column) && column.Type == "timestamptz";

        /// <summary>Whether there is a column of this name, of any type.</summary>
        public bool HasColumnJoined => _columns.ContainsKey("joined");

        /// <summary>Whether the store may alter the table, or create it.</summary>
        public bool IsOwner => _server.IsOwner;

        public bool HasSubjectIndex => _columns.TryGetValue("subject", out var column) && column.IsIndexed;

        public bool HasKey => _columns.ContainsKey("key");

        public bool HasKeyIndex => _columns.TryGetValue("key", out var column) && column.IsIndexed;

        public bool HasExpireIndex => _columns.TryGetValue("expire", out var column) && column.IsIndexed;

        public bool ExpireHasZone => _columns["expire"].Type == "timestamptz";

        public static async Task<Shape> ReadAsync(
            NpgsqlConnection connection, PostgresCommands.Names names, NpgsqlTransaction? transaction, int timeoutSeconds, CancellationToken cancellationToken)
        {
            var parameters = new NameParameters(names.Table, names.Schema) { Token = cancellationToken };
            var server = await connection.QuerySingleAsync<ServerRow>(PostgresCommands.InspectServer, parameters, transaction, timeoutSeconds).ConfigureAwait(false);
            var columns = await connection.QueryAsync<ColumnRow>(PostgresCommands.InspectColumns, parameters, transaction, timeoutSeconds).ConfigureAwait(false);
            return new Shape(server, columns);
        }

        /// <summary>Refuses a table that exists but is not a session table, and names what is wrong with it.</summary>
        /// <param name="names">The names.</param>
        /// <param name="hasKeys">Whether the column key has to fit too, if it is there.</param>
        public void ThrowIfUnfit(PostgresCommands.Names names, bool hasKeys)
        {
            if (!Exists)
                return;

            var problems = new List<string>();
            CheckText("sid", "varchar COLLATE \"C\"");
            Check("sess", ["json"], "json USING sess::json");
            Check("expire", ExpireTypes, "timestamptz(6)");
            if (HasSubject)
                CheckText("subject", "varchar COLLATE \"C\"");

            if (hasKeys && HasKey)
                CheckText("key", "varchar COLLATE \"C\"");

            if (_columns.TryGetValue("sid", out var id) && !id.IsUnique)
                problems.Add("sid needs a primary key or unique index of its own");

            foreach (var column in _columns.Values.Where(column => column.NeedsValue && column.Name is not ("sid" or "sess" or "expire")))
                problems.Add($"column {column.Name} must be nullable or have a default");

            if (problems.Count > 0)
                throw PostgresFaults.Misconfigured(Operation, $"The table {names.Table} is not a session table: {string.Join("; ", problems)}.");

            ColumnRow? Check(string name, string[] types, string wanted)
            {
                if (!_columns.TryGetValue(name, out var column))
                    problems.Add($"column {name} is missing");
                else if (!types.Contains(column.Type))
                    Add($"column {name} must be of type {string.Join(" or ", types)}, but is {column.Type}", name, wanted);
                else
                    return column;

                return null;
            }

            // Ids and subjects are texts of up to 256 characters, each of which is another one.
            void CheckText(string name, string wanted)
            {
                if (Check(name, TextTypes, wanted) is not { } column)
                    return;

                if (!column.IsDeterministic)
                    Add($"column {name} has a nondeterministic collation, under which different texts are the same", name, wanted);
                else if (column.MaxLength < SessionArguments.MaxIdLength)
                    Add($"column {name} must hold {SessionArguments.MaxIdLength} characters, but holds {column.MaxLength}", name, wanted);
            }

            void Add(string problem, string column, string wanted) => problems.Add($"{problem} (ALTER TABLE {names.Table} ALTER COLUMN {column} TYPE {wanted})");
        }

        /// <summary>The TimeZone that the server gives this role in this database, and so a Node peer.</summary>
        public string ServerTimeZone(PostgresCommands.Names names)
        {
            var zone = _server.GivenZone ?? _server.RoleZone ?? throw PostgresFaults.Misconfigured(Operation,
                $"Column expire of {names.Table} has no time zone, and this connection names a zone of its own (Timezone in the connection string, or the variable PGTZ), " +
                "which hides the one that Node peers get. Remove it, or set ExpireTimeZone to the zone of the Node peers.");

            return !TwofoldZones.Contains(zone, StringComparer.OrdinalIgnoreCase) ? zone : throw PostgresFaults.Misconfigured(Operation,
                $"Column expire of {names.Table} has no time zone, and the server's TimeZone {zone} is also the abbreviation of a fixed offset. Set TimeZone and ExpireTimeZone to a name such as Europe/Brussels.");
        }
    }

    internal sealed record NameParameters(string Name, string? Schema) : QueryParameters;

    internal sealed record ServerRow(int BackendProcessId, long? Oid, bool SchemaExists, bool IsUnlogged, bool IsOwner, string? GivenZone, string? RoleZone);

    internal sealed record ColumnRow(string Name, string Type, bool NeedsValue, int? MaxLength, bool IsDeterministic, bool IsIndexed, bool IsUnique);
}
