namespace SessionStores.Postgres;

internal sealed partial class PostgresCommands
{
    /// <summary>The statements about the sessions whose row has a text in a column: those of a subject, or with a key.</summary>
    private sealed class Owned
    {
        public Owned(string name, string selected, string table, ExpireColumn column, Liveness rows)
        {
            Page =
                $"""
                SELECT {selected}
                FROM {table}
                WHERE {name} = @Subject AND (@Last::text IS NULL OR sid > @Last) AND {rows.IsLive()}
                ORDER BY sid LIMIT @Size
                """;

            Count = $"SELECT count(*) FROM {table} WHERE {name} = @Subject AND {rows.IsLive()}";

            Destroy =
                $"""
                WITH RECURSIVE {Links("kept", "SELECT unnest($2::text[]), 0", table, column)},
                gone AS (
                  DELETE FROM {table} WHERE {name} = $1 AND sid <> ALL (ARRAY(SELECT id FROM kept))
                  RETURNING {rows.IsLive()} AS was_live)
                SELECT count(*) FILTER (WHERE was_live) FROM gone
                """;
        }

        public string Page { get; }

        public string Count { get; }

        public string Destroy { get; }
    }
}
