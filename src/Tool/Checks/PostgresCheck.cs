using Npgsql;
using SessionStores.Postgres;

namespace SessionStores.Tool;

/// <summary>What matters of a PostgreSQL server: the shape of the table, the rights of the role, and what is left after a crash.</summary>
internal static class PostgresCheck
{
    private const int OldestMajor = 15;

    private const string Look =
        """
        SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000, quote_ident(current_user), pg_is_in_recovery(),
          current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off', current_setting('server_encoding'),
          to_regclass($1) IS NOT NULL,
          coalesce((SELECT relpersistence = 'u' FROM pg_catalog.pg_class WHERE oid = to_regclass($1)), false),
          ARRAY(SELECT wanted FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS wanted WHERE NOT coalesce(has_table_privilege(to_regclass($1), wanted), true)),
          CASE WHEN to_regclass($1) IS NOT NULL THEN (SELECT pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class WHERE oid = to_regclass($1))
            WHEN $2::text IS NULL THEN coalesce(has_schema_privilege(current_schema()::text, 'CREATE'), false)
            ELSE coalesce(has_schema_privilege(to_regnamespace($2), 'CREATE'), has_database_privilege(current_database(), 'CREATE')) END
        """;

    public static string Rights(OpenStore store) =>
        $"The role needs: GRANT SELECT, INSERT, UPDATE, DELETE ON {NamesOf(store).Table} TO <role>; and USAGE on its schema.";

    public static async Task RunAsync(OpenStore store, bool setsUp, CheckReport report, CancellationToken cancellationToken)
    {
        var postgres = store.Capability<PostgresStore>();
        if (setsUp)
            await postgres.SetUpAsync(cancellationToken);

        // Unlike the other calls it creates nothing.
        var script = await postgres.ScriptAsync(cancellationToken);
        report.Ok("connection", store.Description);

        var names = NamesOf(store);
        await using var source = NpgsqlDataSource.Create(PostgresConnection.Parse(store.Connection));
        try
        {
            await InspectAsync(source, store, names, script, report, cancellationToken);
        }
        catch (NpgsqlException failure)
        {
            report.Warn("server", $"Looking at the server failed ({(failure as PostgresException)?.SqlState ?? failure.GetType().Name}), so its settings and the rights are not known.", "Run the command again.");
        }
    }

    private static async Task InspectAsync(NpgsqlDataSource source, OpenStore store, PostgresCommands.Names names, string script, CheckReport report, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Look);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = names.Table });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)names.Schema ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        Server(reader, report);
        Table(reader, store, names.Table, script, report);
    }

    private static void Server(NpgsqlDataReader reader, CheckReport report)
    {
        if (reader.GetInt32(1) >= OldestMajor)
            report.Ok("version", $"PostgreSQL {reader.GetString(0)}.");
        else
            report.Fail("version", $"PostgreSQL {reader.GetString(0)} is older than the store supports.", $"Use PostgreSQL {OldestMajor} or later.");

        if (reader.GetString(5) != "UTF8")
            report.Fail("encoding", $"The encoding of the database is {reader.GetString(5)}, in which not every session can be stored.", "Use a database with ENCODING 'UTF8'.");

        if (reader.GetBoolean(3))
            report.Fail("role of the server", "The server is a standby and takes no writes.", "Connect to the primary, or name all hosts in the connection string.");

        if (reader.GetBoolean(4))
            report.Ok("durability", "Each commit is on the disk before it is acknowledged.");
        else
            report.Warn("durability", "fsync or synchronous_commit is off: a crash can lose acknowledged changes, and bring an ended session back.", "ALTER SYSTEM SET synchronous_commit = 'on'; fsync needs a restart.");
    }

    private static void Table(NpgsqlDataReader reader, OpenStore store, string table, string script, CheckReport report)
    {
        var role = reader.GetString(2);
        var exists = reader.GetBoolean(6);
        var creates = bool.TryParse(store.Setting("CreateIfMissing", "true"), out var value) && value;
        report.IsSetUp = script.Length == 0 || (exists && !creates);
        if (script.Length == 0)
            report.Ok("table", $"{table} has the columns and indexes that the store needs.");
        else if (!creates && exists)
            report.Warn("table", $"{table} lacks something: sessions have no subject, or are found by it slowly.", $"Run as its owner:\n{script}");
        else if (creates && reader.GetBoolean(9))
            report.Warn("table", $"{table} {(exists ? "lacks something" : "does not exist")}. The first call of the application creates what is missing.", $"Nothing needs to be done. --set-up creates it now:\n{script}");
        else
            report.Fail("table", $"{table} {(exists ? "lacks something" : "does not exist")}, and {(creates ? $"the role {role} has no right to create it" : "CreateIfMissing is false")}.", $"Run as a role that may:\n{script}");

        if (reader.GetBoolean(7))
            report.Warn("table", $"{table} is UNLOGGED: a crash of the server empties it.", $"ALTER TABLE {table} SET LOGGED");

        var missing = reader.GetFieldValue<string[]>(8);
        if (missing.Length > 0)
            report.Fail("rights", $"The role {role} lacks {string.Join(", ", missing)} on {table}.", $"Run as the owner of the table: GRANT {string.Join(", ", missing)} ON {table} TO {role};");
        else if (exists)
            report.Ok("rights", $"The role {role} may read and write {table}.");
    }

    private static PostgresCommands.Names NamesOf(OpenStore store) =>
        new(store.Setting("Schema", "") is { Length: > 0 } schema ? schema : null, store.Setting("Table", "session"));
}
