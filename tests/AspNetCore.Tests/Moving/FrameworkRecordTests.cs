namespace SessionStores.AspNetCore.Tests.Moving;

/// <summary>The format of the framework's records.</summary>
public sealed class FrameworkRecordTests
{
    [Fact]
    public async Task A_record_of_the_framework_is_read_and_no_part_of_one_is()
    {
        await using var sites = await MovingSites.StartAsync();
        await sites.NewVisitorAsync();
        var record = sites.Cache.Record!;

        Assert.True(FrameworkRecord.TryRead(record, out var members));
        Assert.Equal(["$id", "email", "stamp", "visits"], members.Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.All(Enumerable.Range(0, record.Length), length => Assert.False(FrameworkRecord.TryRead(record.AsSpan(0, length), out _)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(1, 255)]
    [InlineData(20, 255)]
    public async Task A_record_whose_revision_count_or_lengths_are_wrong_is_not_read(int offset, byte value)
    {
        await using var sites = await MovingSites.StartAsync();
        await sites.NewVisitorAsync();
        var record = sites.Cache.Record!;
        record[offset] = value;

        Assert.False(FrameworkRecord.TryRead(record, out _));
    }

    [Fact]
    public async Task Whatever_the_bytes_are_reading_them_does_not_throw()
    {
        await using var sites = await MovingSites.StartAsync();
        await sites.NewVisitorAsync();
        var record = sites.Cache.Record!;

        for (var offset = 0; offset < record.Length; offset++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7f, 0x80, 0xff })
            {
                var changed = (byte[])record.Clone();
                changed[offset] = value;
                FrameworkRecord.TryRead(changed, out _);
            }
        }

        Assert.True(FrameworkRecord.TryRead(record, out _));
    }
}
