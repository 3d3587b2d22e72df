using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using SessionStores.Memory;

namespace SessionStores.Protection.Tests;

/// <summary>Keys change while sessions live.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private static readonly SessionContent Content = new("""{"cookie":{"originalMaxAge":600000},"n":0}"""u8.ToArray(), TimeSpan.FromHours(1), "alice");

    private readonly MemoryStore _server = new(new MemoryStoreOptions { MaxSessions = 1_000_000 });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_older_key_protects_lives_on_and_moves_when_it_is_written(bool hashSubjects)
    {
        var before = await Open(hashSubjects, Keys.Old).CreateAsync("a", Content);
        var store = Open(hashSubjects, Keys.Current, Keys.Old);

        var record = Assert.IsType<SessionRecord>(await store.GetAsync("a"));
        Assert.True(await store.TouchAsync("a", TimeSpan.FromHours(2)));
        Assert.Equal(1, (await store.CountByKeyAsync())[IdOf(Keys.Old)]);
        Assert.Equal(before.Version, record.Version);
        Assert.Equal(SessionWriteStatus.Taken, (await store.CreateAsync("a", Content)).Status);

        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("a", record.Version, Content)).Status);
        Assert.Equal(0, (await store.CountByKeyAsync())[IdOf(Keys.Old)]);
        Assert.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync("a", record.Version, Content)).Status);
        Assert.NotNull(await Open(hashSubjects, Keys.Current).GetAsync("a"));
        Assert.Null(await Open(hashSubjects, Keys.Old).GetAsync("a"));
        Assert.Single(await store.ListBySubjectAsync("alice").ToListAsync());
        Assert.Equal(1, await store.LengthAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_operation_reaches_what_an_older_key_protects(bool hashSubjects)
    {
        var old = Open(hashSubjects, Keys.Old);
        foreach (var id in new[] { "set", "destroy", "rotate", "kept", "ended" })
            await old.CreateAsync(id, Content);

        var store = Open(hashSubjects, Keys.Current, Keys.Old);
        await store.SetAsync("set", Content);
        Assert.True(await store.DestroyAsync("destroy"));
        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("rotate", "rotated", SessionVersion.Any, Content)).Status);
        Assert.Equal(["ended", "kept", "rotated", "set"], (await store.ListBySubjectAsync("alice").ToListAsync()).Select(record => record.Id).Order());
        Assert.Equal(4, await store.LengthAsync());

        Assert.Equal(1, await store.DestroyBySubjectAsync("alice", ["kept", "rotated", "set"]));
        Assert.Equal(["kept", "rotated", "set"], (await store.AllAsync().ToListAsync()).Select(record => record.Id).Order());
        Assert.Equal(3, await store.DestroyBySubjectAsync("alice"));
        Assert.Equal(0, await _server.LengthAsync());
    }

    [Fact]
    public async Task A_log_out_ends_a_session_that_was_moved_and_rotated()
    {
        var old = Open(false, Keys.Old);
        await old.CreateAsync("a", Content);
        await old.RotateAsync("a", "b", SessionVersion.Any, Content);
        var store = Open(false, Keys.Current, Keys.Old);
        await store.SetAsync("b", Content);

        Assert.True(await store.DestroyAsync("a"));
        Assert.Null(await store.GetAsync("b"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_sessions_of_a_subject_are_found_whether_or_not_it_was_hashed_when_they_were_stored(bool hashSubjects)
    {
        var content = new SessionContent(Content.Payload, Content.Lifetime, "bob");
        var (before, after) = (Open(!hashSubjects, Keys.Old), Open(hashSubjects, Keys.Current, Keys.Old));
        await before.CreateAsync("before", content);
        await after.CreateAsync("after", content);

        var page = await after.PageBySubjectAsync("bob", 2);
        var first = await after.PageBySubjectAsync("bob", 1);
        var second = await after.PageBySubjectAsync("bob", 1, first.Continuation);

        Assert.Equal(["after", "before"], page.Sessions.Select(record => record.Id).Order());
        Assert.Equal(["after", "before"], first.Sessions.Concat(second.Sessions).Select(record => record.Id).Order());
        Assert.Equal(2, await ((ISessionSubjects)after).CountBySubjectAsync("bob"));
        Assert.Equal(2, await after.DestroyBySubjectAsync("bob"));
        Assert.Null(await after.GetAsync("before"));
    }

    [Fact]
    public async Task What_is_only_read_is_moved_by_a_reseal_without_a_change()
    {
        await Open(false, Keys.Old).CreateAsync("a", Content);
        var store = Open(false, Keys.Current, Keys.Old);
        var before = Assert.IsType<SessionRecord>(await store.GetAsync("a"));

        Assert.Equal(1, await store.ResealAsync());
        Assert.Equal(0, await store.ResealAsync());

        var after = Assert.IsType<SessionRecord>(await Open(false, Keys.Current).GetAsync("a"));
        Assert.Equal(before.Payload.ToArray(), after.Payload.ToArray());
        Assert.Equal(before.ExpiresAt, after.ExpiresAt);
        Assert.Equal("alice", after.Subject);
    }

    [Fact]
    public async Task In_the_migration_window_what_is_not_protected_is_read_counted_and_protected_when_it_is_written()
    {
        await _server.CreateAsync("a", Content);
        await _server.CreateAsync("b", Content);
        var options = Keys.Options(Keys.Current);
        options.AcceptUnprotected = true;
        var store = new ProtectedStore(_server, options);

        var record = Assert.IsType<SessionRecord>(await store.GetAsync("a"));
        Assert.Equal(2, (await store.CountByKeyAsync())["none"]);
        Assert.Equal(2, (await store.ListBySubjectAsync("alice").ToListAsync()).Count);
        Assert.Equal(SessionWriteStatus.Taken, (await store.CreateAsync("b", Content)).Status);
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("a", record.Version, Content)).Status);
        Assert.Equal(1, await store.ResealAsync());

        Assert.DoesNotContain("none", (await store.CountByKeyAsync()).Keys);
        var closed = Open(false, Keys.Current);
        Assert.NotNull(await closed.GetAsync("a"));
        Assert.NotNull(await closed.GetAsync("b"));
    }

    [Fact]
    public async Task Keys_of_a_function_are_asked_for_again_and_kept_while_it_fails()
    {
        var clock = new FakeTimeProvider();
        IReadOnlyList<SessionProtectionKey> keys = [Keys.Old];
        var isDown = false;
        var options = new SessionProtectionOptions { KeyRing = () => isDown ? throw new InvalidOperationException("down") : keys };
        var store = new ProtectedStore(_server, options, clock);
        await store.CreateAsync("a", Content);

        keys = [Keys.Current, Keys.Old];
        await store.CreateAsync("b", Content);
        clock.Advance(options.KeyRefreshInterval);
        await store.CreateAsync("c", Content);
        isDown = true;
        clock.Advance(options.KeyRefreshInterval);
        Assert.NotNull(await store.GetAsync("a"));

        var counts = await store.CountByKeyAsync();
        Assert.Equal((2, 1), (counts[IdOf(Keys.Old)], counts[IdOf(Keys.Current)]));
    }

    /// <summary>10,000 sessions in use, and three changes of keys, each on two nodes one after the other as in a deployment.</summary>
    [Fact]
    public async Task Under_load_a_change_of_keys_logs_nobody_out_and_empties_the_older_key()
    {
        const int Sessions = 10_000, Workers = 4, Rotations = 3;
        var keys = Enumerable.Range(0, Rotations + 1).Select(_ => Keys.New()).ToList();
        var nodes = new[] { Open(true, keys[0]), Open(true, keys[0]) };
        for (var i = 0; i < Sessions; i++)
            await nodes[0].CreateAsync($"session-{i}", Content);

        var ended = false;
        var lost = 0;
        var writes = 0L;
        var workers = Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            // Each worker has sessions of its own, so that a conflict would be a mistake of the store.
            for (var i = worker; !Volatile.Read(ref ended); i = (i + Workers) % Sessions)
            {
                var node = Volatile.Read(ref nodes[i & 1]);
                var record = await node.GetAsync($"session-{i}");
                if (record is null || (i % 8 < Workers && !await IsWrittenAsync(node, i, record)))
                    Interlocked.Increment(ref lost);

                Interlocked.Increment(ref writes);
            }
        })).ToList();

        for (var rotation = 1; rotation <= Rotations; rotation++)
        {
            // First every node learns the key, then it becomes the current one, as the guide says.
            foreach (var ring in new[] { new[] { keys[rotation - 1], keys[rotation] }, [keys[rotation], keys[rotation - 1]] })
            {
                for (var node = 0; node < nodes.Length; node++)
                {
                    var target = Interlocked.Read(ref writes) + 500;
                    Volatile.Write(ref nodes[node], Open(true, ring));
                    await UntilAsync(() => Interlocked.Read(ref writes) >= target);
                }
            }

            while ((await nodes[0].CountByKeyAsync())[IdOf(keys[rotation - 1])] > 0)
                await nodes[0].ResealAsync();

            for (var node = 0; node < nodes.Length; node++)
                Volatile.Write(ref nodes[node], Open(true, keys[rotation]));
        }

        Volatile.Write(ref ended, true);
        await Task.WhenAll(workers);
        var counts = await nodes[0].CountByKeyAsync();
        Console.WriteLine($"key rotation: {Sessions} sessions, {Rotations} rotations, {writes} requests, {lost} lost; {string.Join(", ", counts.Select(count => $"{count.Value} under {count.Key}"))}");
        Assert.Equal(0, lost);
        Assert.Equal(Sessions, counts[IdOf(keys[^1])]);
        Assert.Equal(Sessions, counts.Values.Sum());
        Assert.Equal(Sessions, (await nodes[0].ListBySubjectAsync("alice").ToListAsync()).Count);
    }

    [Fact]
    public async Task The_records_of_each_key_are_a_metric()
    {
        var shown = new Dictionary<string, long>();
        var (old, current) = (Keys.New(), Keys.New());
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "sessionstores.protection.records" && (string?)tags[0].Value is { } key && (key == IdOf(old) || key == IdOf(current)))
                shown[key] = value;
        });
        meters.Start();
        await Open(false, old).CreateAsync("a", Content);
        var store = Open(false, current, old);

        await store.CountByKeyAsync();
        meters.RecordObservableInstruments();
        Assert.Equal((1, 0), (shown[IdOf(old)], shown[IdOf(current)]));

        await store.ResealAsync();
        meters.RecordObservableInstruments();
        Assert.Equal((0, 1), (shown[IdOf(old)], shown[IdOf(current)]));
    }

    public void Dispose() => _server.Dispose();

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(2), "The requests do not go on.");
            await Task.Yield();
        }
    }

    private static string IdOf(SessionProtectionKey key) => key.Id;

    /// <summary>A reseal that was first is a conflict, after which a request reads again, as the middleware does.</summary>
    private static async Task<bool> IsWrittenAsync(ProtectedStore node, int i, SessionRecord? record)
    {
        while (record is not null)
        {
            if ((await node.ReplaceAsync($"session-{i}", record.Version, Content)).Status != SessionWriteStatus.Conflict)
                return await node.GetAsync($"session-{i}") is not null;

            record = await node.GetAsync($"session-{i}");
        }

        return false;
    }

    private ProtectedStore Open(bool hashSubjects, params string[] keys)
    {
        var options = Keys.Options(keys);
        options.HashSubjects = hashSubjects;
        return new ProtectedStore(_server, options);
    }
}
