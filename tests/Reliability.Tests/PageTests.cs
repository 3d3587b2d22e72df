namespace SessionStores.Reliability.Tests;

/// <summary>What <c>docs/reliability.md</c> shows is what the tests run.</summary>
public sealed class PageTests
{
    [Fact]
    public void The_table_has_two_rows_for_each_fault_and_keeps_what_it_promises()
    {
        var rows = File.ReadLines(Repository.PathOf("docs/reliability.md")).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(cells => cells.Length == 13).Skip(2).ToList();

        Assert.Equal(
            Nemeses.All.SelectMany(nemesis => new[] { $"{nemesis.Name} through store", $"{nemesis.Name} through HTTP" }).Order(StringComparer.Ordinal),
            rows.Select(cells => $"{cells[1]}: {cells[2]} through {cells[3]}").Order(StringComparer.Ordinal));
        foreach (var cells in rows)
        {
            var nemesis = Nemeses.All.Single(each => each.Name == $"{cells[1]}: {cells[2]}");
            if (nemesis.Promise == Promise.Kept)
                Assert.Equal(["0", "0", nemesis.ShowsChangesEarly ? cells[9] : "0"], cells[7..10]);
        }
    }
}
