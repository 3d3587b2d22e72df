using System.Text.RegularExpressions;

namespace SessionStores.Repository.Tests;

/// <summary>A new capability has the same file, name and form in every store.</summary>
public sealed partial class AnatomyTests
{
    /// <summary>The rooms of a store; X is its name. What follows a room's name after a dot is a part of it.</summary>
    private static readonly string[] Rooms =
    [
        "XStore", "XStoreOptions", "XStoreBuilderExtensions", "XStoreProvider", "Log",
        "XConnection", "XFaults", "XCommands", "XRecord", "XSetUp", "XCredential",
    ];

    /// <summary>Rooms that a store without a server has no use for.</summary>
    private static readonly string[] RoomsOfAServer = ["XConnection", "XFaults", "XCommands"];

    /// <summary>What one store has more than the others: folders of its own, and types that its options name.</summary>
    private static readonly Dictionary<string, string[]> More = new()
    {
        ["Memory"] = ["Shards/"],
        ["Redis"] = ["Cluster/", "IRedisTopology.cs", "SingleServer.cs", "IPayloadTransform.cs"],
        ["Mongo"] = ["Encryption/", "AutoRemove.cs"],
        ["Postgres"] = [],
    };

    /// <summary>Events that every store with a server has, at the same offset from its first id.</summary>
    private static readonly Dictionary<int, string> CommonEvents = new() { [1] = "OperationFailed", [2] = "UnreadableSkipped", [3] = "CancellationFailed" };

    public static TheoryData<string> Stores => [.. More.Keys];

    [Fact]
    public void Every_store_is_looked_at() =>
        Assert.Equal(RepositoryFolder.Packages.Where(name => name.StartsWith("Stores.", StringComparison.Ordinal)), More.Keys.Select(name => "Stores." + name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Stores))]
    public void A_store_has_the_rooms_of_every_store_and_no_others(string store)
    {
        var folder = Path.Combine(RepositoryFolder.Source, "Stores." + store);
        var files = RepositoryFolder.SourceFiles(Path.Combine("src", "Stores." + store)).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).ToList();
        var rooms = Rooms.Select(room => RoomOf(room, store)).ToHashSet(StringComparer.Ordinal);

        var others = files.Where(file => !rooms.Contains(file.Split('.')[0]) && !More[store].Any(more => file.StartsWith(more, StringComparison.Ordinal)));
        var missing = Rooms.Except(["XSetUp", "XCredential"]).Except(store == "Memory" ? RoomsOfAServer : []).Select(room => RoomOf(room, store) + ".cs").Append("XStore.Many.cs".Replace("X", store, StringComparison.Ordinal)).Except(files);

        Assert.Empty(others);
        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void Options_are_checked_and_copied_in_one_form(string store)
    {
        var options = File.ReadAllText(Path.Combine(RepositoryFolder.Source, "Stores." + store, store + "StoreOptions.cs"));

        Assert.Contains($"internal {store}StoreOptions Copy()", options, StringComparison.Ordinal);
        Assert.Contains("internal void Validate()", options, StringComparison.Ordinal);
        Assert.Contains($"new OptionProblems(nameof({store}StoreOptions))", options, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void A_store_is_chosen_without_a_using_where_sessions_are_added(string store)
    {
        var extensions = File.ReadAllText(Path.Combine(RepositoryFolder.Source, "Stores." + store, store + "StoreBuilderExtensions.cs"));

        Assert.Contains("namespace Microsoft.Extensions.DependencyInjection;", extensions, StringComparison.Ordinal);
    }

    /// <summary>The clock of the server decides (L1). Elapsed times, such as those of deadlines, are no clock in this sense.</summary>
    [Theory]
    [MemberData(nameof(Stores))]
    public void A_store_on_a_server_reads_no_clock_of_its_node(string store)
    {
        var readers = RepositoryFolder.SourceFiles(Path.Combine("src", "Stores." + store))
            .Where(file => NodeClock().IsMatch(File.ReadAllText(file))).Select(Path.GetFileName).ToList();

        if (store == "Memory")
            Assert.NotEmpty(readers);
        else
            Assert.Empty(readers);
    }

    [Theory]
    [InlineData("Memory", 1000)]
    [InlineData("Redis", 2000)]
    [InlineData("Postgres", 3000)]
    [InlineData("Mongo", 4000)]
    public void The_events_of_a_package_have_ids_of_its_range_and_each_id_once(string store, int first)
    {
        var events = EventsOf(Path.Combine("Stores." + store, "Log.cs"));

        Assert.All(events, entry => Assert.InRange(entry.Id, first, first + 99));
        Assert.Equal(events.Count, events.Select(entry => entry.Id).Distinct().Count());
        if (store != "Memory")
            Assert.Equal(CommonEvents.Select(common => (first + common.Key, common.Value)), events.Where(entry => entry.Id < first + 10).OrderBy(entry => entry.Id));
    }

    [Theory]
    [InlineData("AspNetCore", 5000)]
    [InlineData("Dashboard", 8000)]
    public void The_events_of_other_packages_have_ids_of_their_range(string package, int first)
    {
        var events = EventsOf(Path.Combine(package, "Log.cs"));

        Assert.NotEmpty(events);
        Assert.All(events, entry => Assert.InRange(entry.Id, first, first + 99));
    }

    [GeneratedRegex("UtcNow|DateTime(Offset)?\\.(Now|Today)")]
    private static partial Regex NodeClock();

    private static string RoomOf(string room, string store) => room.StartsWith('X') ? store + room[1..] : room;

    private static List<(int Id, string Name)> EventsOf(string file) =>
        [.. LoggedEvent().Matches(File.ReadAllText(Path.Combine(RepositoryFolder.Source, file)))
            .Select(match => (int.Parse(match.Groups["id"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), match.Groups["name"].Value))];

    [GeneratedRegex("""\[LoggerMessage\((?<id>\d+),[^\n]*EventName = "(?<name>\w+)"\)\]""")]
    private static partial Regex LoggedEvent();
}
