using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Postgres;

internal sealed partial class PostgresCommands
{
    /// <summary>What matters of the server, and whether the table exists.</summary>
    /// <remarks>The settings of a role and a database take effect at log-in; those of the role in the database come first. reset_val is what
    /// the server gave the connection, unless the connection itself named a zone.</remarks>
    public const string InspectServer =
        """
        SELECT pg_backend_pid() AS "BackendProcessId",
          to_regclass(@Name)::oid::bigint AS "Oid",
          (@Schema::text IS NULL OR to_regnamespace(@Schema) IS NOT NULL) AS "SchemaExists",
          coalesce((SELECT relpersistence = 'u' FROM pg_catalog.pg_class WHERE oid = to_regclass(@Name)), false) AS "IsUnlogged",
          coalesce((SELECT pg_catalog.pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class WHERE oid = to_regclass(@Name)), true) AS "IsOwner",
          (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone' AND source <> 'client') AS "GivenZone",
          (SELECT substr(setting, length('timezone=') + 1)
           FROM pg_catalog.pg_db_role_setting AS s, unnest(s.setconfig) AS setting
           WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
             AND s.setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
             AND lower(setting) LIKE 'timezone=%'
           ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1) AS "RoleZone"
        """;

    /// <summary>The columns of the table.</summary>
    public const string InspectColumns =
        """
        SELECT a.attname::text AS "Name", t.typname::text AS "Type",
          a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "NeedsValue",
          CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 END AS "MaxLength",
          coalesce((SELECT collisdeterministic FROM pg_catalog.pg_collation AS c WHERE c.oid = a.attcollation), true) AS "IsDeterministic",
          EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indisvalid) AS "IsIndexed",
          EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indisvalid
            AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indimmediate) AS "IsUnique"
        FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        WHERE a.attrelid = to_regclass(@Name) AND a.attnum > 0 AND NOT a.attisdropped
        """;

    /// <summary>Makes nodes set the table up one after the other.</summary>
    public const string LockSetUp = "SELECT pg_advisory_xact_lock(@SetUpLock)";

    /// <summary>A waiting ALTER TABLE would make every request of a Node peer wait behind it: better to fail and try again.</summary>
    public const string LimitLockWait = "SET LOCAL lock_timeout = '3s'";

    public static string CreateSchema(Names names) => $"CREATE SCHEMA IF NOT EXISTS {names.Schema}";

    /// <summary>Creates the table.</summary>
    /// <remarks>No index on expire: with one, no touch could be a HOT update. Room is left in each page for the next version of its rows.</remarks>
    public static string CreateTable(Names names) =>
        $"""
        CREATE TABLE IF NOT EXISTS {names.Table} (
          sid varchar COLLATE "C" NOT NULL PRIMARY KEY,
          sess json NOT NULL,
          expire timestamptz(6) NOT NULL,
          subject varchar COLLATE "C",
          joined timestamptz DEFAULT clock_timestamp()
        ) WITH (fillfactor = 80)
        """;

    public static string AddSubject(Names names) => $"ALTER TABLE {names.Table} ADD COLUMN IF NOT EXISTS subject varchar COLLATE \"C\"";

    /// <summary>Adds when a session joined its subject. Rows that are there have none, and count as older than all others: a default that came with the
    /// column would rewrite the table.</summary>
    public static string AddJoined(Names names) =>
        $"ALTER TABLE {names.Table} ADD COLUMN IF NOT EXISTS joined timestamptz, ALTER COLUMN joined SET DEFAULT clock_timestamp()";

    public static string AddKey(Names names) => $"ALTER TABLE {names.Table} ADD COLUMN IF NOT EXISTS key varchar COLLATE \"C\"";

    public static string IndexKey(Names names) => $"CREATE INDEX IF NOT EXISTS {names.KeyIndex} ON {names.Table} (key) WHERE key IS NOT NULL";

    public static string IndexSubject(Names names) => $"CREATE INDEX IF NOT EXISTS {names.SubjectIndex} ON {names.Table} (subject) WHERE subject IS NOT NULL";

    /// <summary>The names of the table and of what belongs to it, quoted.</summary>
    internal sealed class Names
    {
        private const string SubjectSuffix = "_subject_idx";
        private const string KeySuffix = "_key_idx";

        public Names(string? schema, string table)
        {
            Schema = schema is null ? null : Quote(schema);
            Table = Schema is null ? Quote(table) : $"{Schema}.{Quote(table)}";
            SubjectIndex = Quote(IndexNameOf(table, SubjectSuffix));
            KeyIndex = Quote(IndexNameOf(table, KeySuffix));
            SetUpLock = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("SessionStores set-up " + Table)));
        }

        /// <summary>The quoted schema, or null.</summary>
        public string? Schema { get; }

        /// <summary>The quoted table, with its schema if one is set.</summary>
        public string Table { get; }

        /// <summary>The quoted name of the index on the subject, without schema: an index is in the schema of its table.</summary>
        public string SubjectIndex { get; }

        /// <summary>The quoted name of the index on the key.</summary>
        public string KeyIndex { get; }

        /// <summary>The key of the advisory lock of the set-up.</summary>
        public long SetUpLock { get; }

        private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

        // The server would cut a longer name off, and then it could be the same as the table's own.
        private static string IndexNameOf(string table, string suffix)
        {
            if (Encoding.UTF8.GetByteCount(table) + suffix.Length <= PostgresStoreOptions.MaxIdentifierBytes)
                return table + suffix;

            return string.Concat("session_", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(table)).AsSpan(0, 16)), suffix);
        }
    }
}
