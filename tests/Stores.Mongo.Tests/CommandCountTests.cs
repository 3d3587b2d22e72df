using System.Collections.Concurrent;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Events;

namespace SessionStores.Mongo.Tests;

/// <summary>Commands as the driver sends them, those of its own monitoring left out.</summary>
public sealed class CommandCountTests(MongoFixture fixture) : MongoTest(fixture)
{
    private readonly ConcurrentQueue<string> _commands = new();
    private MongoClient? _client;
    private MongoStore _store = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var settings = MongoClientSettings.FromConnectionString(Fixture.Backend.ConnectionString);
        settings.ClusterConfigurator = cluster => cluster.Subscribe<CommandStartedEvent>(started => _commands.Enqueue(started.CommandName));
        _client = new MongoClient(settings);
        _store = Open(options => options.AutoRemove = AutoRemove.Native, _client.GetDatabase(Fixture.DatabaseName).GetCollection<BsonDocument>(Collection.CollectionNamespace.CollectionName));
        await _store.SetUpAsync();
        await _store.CreateAsync("a", Content());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _client?.Dispose();
    }

    [Fact]
    public async Task A_read_is_one_command()
    {
        Assert.Equal(["find"], await CommandsOf(() => _store.GetAsync("a")));
        Assert.Equal(["find"], await CommandsOf(() => _store.GetAsync("none")));
    }

    [Fact]
    public async Task A_read_whose_slide_is_not_due_is_one_command() =>
        Assert.Equal(["find"], await CommandsOf(() => _store.GetAsync("a", new SlidingExpiry(TimeSpan.FromMinutes(30), In(120)))));

    [Fact]
    public async Task A_read_that_slides_is_two_commands() =>
        Assert.Equal(["find", "findAndModify"], await CommandsOf(() => _store.GetAsync("a", new SlidingExpiry(TimeSpan.FromMinutes(90), In(120)))));

    [Fact]
    public async Task A_request_that_changes_a_session_is_two_commands() =>
        Assert.Equal(["find", "update"], await CommandsOf(async () =>
        {
            var record = await _store.GetAsync("a");
            return await _store.ReplaceAsync("a", record!.Version, Content("{}"));
        }));

    [Fact]
    public async Task A_request_that_logs_out_is_two_commands() =>
        Assert.Equal(["find", "findAndModify"], await CommandsOf(async () =>
        {
            await _store.GetAsync("a");
            return await _store.DestroyAsync("a");
        }));

    [Fact]
    public async Task A_create_a_set_and_a_touch_are_one_command()
    {
        Assert.Equal(["findAndModify"], await CommandsOf(() => _store.CreateAsync("b", Content())));
        Assert.Equal(["findAndModify"], await CommandsOf(() => _store.CreateAsync("b", Content())));
        Assert.Equal(["update"], await CommandsOf(async () => { await _store.SetAsync("b", Content()); return 0; }));
        Assert.Equal(["update"], await CommandsOf(() => _store.TouchAsync("b", In(90))));
    }

    [Fact]
    public async Task A_rotation_is_three_commands() =>
        Assert.Equal(["findAndModify", "findAndModify", "update"], await CommandsOf(() => _store.RotateAsync("a", "b", SessionVersion.Any, Content())));

    [Fact]
    public async Task A_log_out_after_a_rotation_finds_the_session_with_three_commands()
    {
        await _store.RotateAsync("a", "b", SessionVersion.Any, Content());

        Assert.Equal(["findAndModify", "find", "findAndModify"], await CommandsOf(() => _store.DestroyAsync("a")));
    }

    [Fact]
    public async Task A_log_out_everywhere_is_two_commands_and_one_more_with_exceptions()
    {
        Assert.Equal(["find"], await CommandsOf(() => _store.DestroyBySubjectAsync("u")));
        foreach (var id in new[] { "b", "c", "d" })
            await _store.CreateAsync(id, Content(subject: "u"));

        Assert.Equal(["find", "find", "delete"], await CommandsOf(() => _store.DestroyBySubjectAsync("u", ["b"])));
        Assert.Equal(["find", "delete"], await CommandsOf(() => _store.DestroyBySubjectAsync("u")));
    }

    [Fact]
    public async Task The_end_of_all_sessions_of_a_subject_is_three_commands_however_many_there_are()
    {
        Assert.Equal(["find"], await CommandsOf(async () => { await _store.VoidBySubjectAsync("u"); return 0; }));
        foreach (var id in new[] { "b", "c", "d" })
            await _store.CreateAsync(id, Content(subject: "u"));

        Assert.Equal(["find", "delete", "find"], await CommandsOf(async () => { await _store.VoidBySubjectAsync("u"); return 0; }));
    }

    [Fact]
    public async Task A_page_and_a_count_of_a_subject_are_one_command()
    {
        foreach (var id in new[] { "b", "c", "d" })
            await _store.CreateAsync(id, Content(subject: "u"));

        Assert.Equal(["find"], await CommandsOf(() => _store.PageBySubjectAsync("u", 2)));
        Assert.Equal(["find"], await CommandsOf(() => _store.PageBySubjectAsync("u", withPayloads: false)));
        Assert.Equal(["aggregate"], await CommandsOf(() => _store.CountBySubjectAsync("u")));
    }

    [Fact]
    public async Task A_replacement_that_finds_nothing_reads_once_more()
    {
        Assert.Equal(["update", "find"], await CommandsOf(() => _store.ReplaceAsync("none", SessionVersion.Any, Content())));
    }

    [Fact]
    public async Task Prepared_indexes_are_looked_at_once_for_a_store_and_never_by_a_read()
    {
        var fresh = Open(options => options.AutoRemove = AutoRemove.Native, _client!.GetDatabase(Fixture.DatabaseName).GetCollection<BsonDocument>(Collection.CollectionNamespace.CollectionName));

        Assert.Equal(["find"], await CommandsOf(() => fresh.GetAsync("a")));
        Assert.Equal(["listIndexes", "findAndModify"], await CommandsOf(() => fresh.CreateAsync("c", Content())));
        Assert.Equal(["findAndModify"], await CommandsOf(() => fresh.CreateAsync("d", Content())));
    }

    private async Task<string[]> CommandsOf<T>(Func<ValueTask<T>> action)
    {
        _commands.Clear();
        await action();
        return [.. _commands];
    }
}
