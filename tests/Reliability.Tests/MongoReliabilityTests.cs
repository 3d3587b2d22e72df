namespace SessionStores.Reliability.Tests;

public sealed class MongoReliabilityTests(ITestOutputHelper output) : ReliabilityTests(output)
{
    public static TheoryData<string> Faults => NamesOf(Nemeses.OfMongo);

    [Theory]
    [MemberData(nameof(Faults))]
    public Task What_was_acknowledged_holds_where_it_is_promised(string fault) => CheckAsync(fault);
}
