namespace SessionStores.Memory.Tests;

public sealed class RecordTableTests
{
    [Theory]
    [InlineData(12)]
    [InlineData(500)]
    [InlineData(20_000)]
    public void It_has_what_was_added_and_not_removed(int ids)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var table = new RecordTable();
        var expected = new Dictionary<string, MemoryRecord>(StringComparer.Ordinal);

        for (var step = 0; step < 20 * ids; step++)
        {
            var id = $"id{random.Next(ids)}";
            var found = table.Find(id, RecordTable.HashOf(id));
            Assert.Same(expected.GetValueOrDefault(id), found);
            if (found is null)
            {
                var added = new MemoryRecord(new string(id), [], 0, null);
                expected.Add(id, added);
                table.Add(added);
            }
            else if (random.Next(3) > 0)
            {
                expected.Remove(id);
                table.Remove(found);
            }

            Assert.Equal(expected.Count, table.Count);
        }

        Assert.All(expected, pair => Assert.Same(pair.Value, table.Find(pair.Key, RecordTable.HashOf(pair.Key))));
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), table.ToArray().Select(record => record.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_hash_alone_finds_nothing()
    {
        var table = new RecordTable();
        table.Add(new MemoryRecord("a", [], 0, null));

        Assert.Null(table.Find("b", RecordTable.HashOf("a")));
    }

    [Fact]
    public void Nothing_is_left_after_Clear()
    {
        var table = new RecordTable();
        for (var i = 0; i < 100; i++)
            table.Add(new MemoryRecord($"id{i}", [], 0, null));

        table.Clear();

        Assert.Equal(0, table.Count);
        Assert.Null(table.Find("id1", RecordTable.HashOf("id1")));
        Assert.Empty(table.ToArray());
    }
}
