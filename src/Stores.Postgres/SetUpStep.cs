using System.Text;

namespace SessionStores.Postgres;

/// <summary>One numbered step of the set-up. Each is idempotent.</summary>
internal sealed record SetUpStep(int Number, string What, string Sql)
{
    /// <summary>The steps that a database in this shape still lacks, in order.</summary>
    public static IReadOnlyList<SetUpStep> Missing(SessionTable table, TableShape shape)
    {
        var missing = new List<SetUpStep>();
        if (table.Schema is not null && !shape.SchemaExists)
            missing.Add(new SetUpStep(1, "schema", $"CREATE SCHEMA IF NOT EXISTS {table.Schema}"));

        // No index on expire: with one, no touch could be a HOT update. Room is left in each page for the next version of its rows.
        if (!shape.Exists)
            missing.Add(new SetUpStep(2, "table",
                $"""
                CREATE TABLE IF NOT EXISTS {table.Name} (
                  sid varchar COLLATE "C" NOT NULL PRIMARY KEY,
                  sess json NOT NULL,
                  expire timestamptz(6) NOT NULL,
                  subject varchar COLLATE "C"
                ) WITH (fillfactor = 80)
                """));

        if (!shape.HasSubject)
            missing.Add(new SetUpStep(3, "subject column", $"ALTER TABLE {table.Name} ADD COLUMN IF NOT EXISTS subject varchar COLLATE \"C\""));

        if (!shape.HasSubjectIndex)
            missing.Add(new SetUpStep(4, "subject index", $"CREATE INDEX IF NOT EXISTS {table.SubjectIndex} ON {table.Name} (subject) WHERE subject IS NOT NULL"));

        return missing;
    }

    /// <summary>The steps as a script for an administrator.</summary>
    public static string Script(IReadOnlyList<SetUpStep> steps)
    {
        var script = new StringBuilder();
        foreach (var step in steps)
            script.Append("-- ").Append(step.Number).Append(". ").Append(step.What).Append('\n').Append(step.Sql).Append(";\n");

        return script.ToString();
    }
}
