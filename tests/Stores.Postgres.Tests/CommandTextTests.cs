using System.Text;

namespace SessionStores.Postgres.Tests;

/// <summary>The SQL as it runs, against the approved text in the folder Statements, so that a change shows in the diff.</summary>
public sealed class CommandTextTests
{
    [Theory]
    [InlineData("default", null, true, false)]
    [InlineData("adopted", "America/New_York", true, true)]
    [InlineData("without-subject", null, false, false)]
    [InlineData("epochs", null, true, false)]
    [InlineData("keys", null, true, false)]
    public void The_statements_are_those_that_were_approved(string file, string? zone, bool hasSubject, bool hasExpireIndex)
    {
        var commands = new PostgresCommands("\"session\"", 16384, zone, timeToLiveSeconds: null, hasSubject, hasJoined: file != "adopted", hasEpochs: file == "epochs", hasKeys: file == "keys", hasExpireIndex, SessionArguments.DefaultMaxPayloadBytes);

        AssertApproved(file, typeof(PostgresCommands).GetProperties()
            .Where(property => property.PropertyType == typeof(string) && property.Name != nameof(PostgresCommands.Table))
            .Where(property => file == "epochs" || property.Name is not (nameof(PostgresCommands.VoidSubject) or nameof(PostgresCommands.PruneSubjects)))
            .Where(property => file == "keys" || property.Name is not (nameof(PostgresCommands.KeyPage) or nameof(PostgresCommands.KeyCount) or nameof(PostgresCommands.DestroyByKey)))
            .Where(property => hasSubject || !property.Name.Contains("Subject", StringComparison.Ordinal))
            .Where(property => property.Name is not (nameof(PostgresCommands.PruneByBlocks) or nameof(PostgresCommands.CountBlocks)) || !hasExpireIndex)
            .Where(property => property.Name != nameof(PostgresCommands.PruneByIndex) || hasExpireIndex)
            .Select(property => (property.Name, (string)property.GetValue(commands)!)));
    }

    [Fact]
    public void The_statements_of_the_set_up_are_those_that_were_approved()
    {
        var names = new PostgresCommands.Names("web", "session");

        AssertApproved("set-up",
        [
            (nameof(PostgresCommands.InspectServer), PostgresCommands.InspectServer),
            (nameof(PostgresCommands.InspectColumns), PostgresCommands.InspectColumns),
            (nameof(PostgresCommands.LockSetUp), PostgresCommands.LockSetUp),
            (nameof(PostgresCommands.LimitLockWait), PostgresCommands.LimitLockWait),
            (nameof(PostgresCommands.CreateSchema), PostgresCommands.CreateSchema(names)),
            (nameof(PostgresCommands.CreateTable), PostgresCommands.CreateTable(names)),
            (nameof(PostgresCommands.AddSubject), PostgresCommands.AddSubject(names)),
            (nameof(PostgresCommands.IndexSubject), PostgresCommands.IndexSubject(names)),
            (nameof(PostgresCommands.AddJoined), PostgresCommands.AddJoined(names)),
            (nameof(PostgresCommands.AddKey), PostgresCommands.AddKey(names)),
            (nameof(PostgresCommands.IndexKey), PostgresCommands.IndexKey(names)),
        ]);
    }

    [Fact]
    public void Every_call_of_Dapper_is_replaced_by_generated_code()
    {
        var references = typeof(PostgresStore).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name);

        Assert.Contains("Dapper.AOT", references);
        Assert.DoesNotContain("Dapper", references);
    }

    private static void AssertApproved(string file, IEnumerable<(string Name, string Sql)> statements)
    {
        var text = new StringBuilder();
        foreach (var (name, sql) in statements)
            text.Append(text.Length == 0 ? "" : "\n").Append("-- ").Append(name).Append('\n').Append(sql.ReplaceLineEndings("\n")).Append(";\n");

        var folder = Path.Combine(AppContext.BaseDirectory, "Statements");
        var received = Path.Combine(folder, file + ".received.sql");
        File.WriteAllText(received, text.ToString());
        var approved = Path.Combine(folder, file + ".sql");
        Assert.True(File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == text.ToString(),
            $"The statements differ from tests/Stores.Postgres.Tests/Statements/{file}.sql. Where the change is wanted, copy {received} there.");
    }
}
