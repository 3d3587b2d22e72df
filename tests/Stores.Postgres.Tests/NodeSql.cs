using Npgsql;

namespace SessionStores.Postgres.Tests;

/// <summary>The statements of connect-pg-simple 10, as a Node peer sends them; its parameters are text and numbers.</summary>
internal static class NodeSql
{
    public static string CreateTable(string table) =>
        $"""
        CREATE TABLE "{table}" ("sid" varchar NOT NULL COLLATE "default", "sess" json NOT NULL, "expire" timestamp(6) NOT NULL) WITH (OIDS=FALSE);
        ALTER TABLE "{table}" ADD CONSTRAINT "{table}_pkey" PRIMARY KEY ("sid") NOT DEFERRABLE INITIALLY IMMEDIATE;
        CREATE INDEX "IDX_{table}_expire" ON "{table}" ("expire");
        """;

    public static string Set(string table) =>
        $"""INSERT INTO "{table}" (sess, expire, sid) SELECT $1, to_timestamp($2), $3 ON CONFLICT (sid) DO UPDATE SET sess=$1, expire=to_timestamp($2) RETURNING sid""";

    public static string Get(string table) => $"""SELECT sess FROM "{table}" WHERE sid = $1 AND expire >= to_timestamp($2)""";

    public static string Touch(string table) => $"""UPDATE "{table}" SET expire = to_timestamp($1) WHERE sid = $2 RETURNING sid""";

    public static string Destroy(string table) => $"""DELETE FROM "{table}" WHERE sid = $1""";

    public static string Prune(string table) => $"""DELETE FROM "{table}" WHERE expire < to_timestamp($1)""";

    /// <summary>A Node peer rounds seconds up, for expiries and for its own clock.</summary>
    public static double Seconds(DateTimeOffset instant) => Math.Ceiling(instant.ToUnixTimeMilliseconds() / 1000d);

    public static void Bind(NpgsqlCommand command, string id, string json, DateTimeOffset expiresAt)
    {
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Json, Value = json });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = Seconds(expiresAt) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
    }
}
