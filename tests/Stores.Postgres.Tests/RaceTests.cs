using System.Globalization;
using System.Text;

namespace SessionStores.Postgres.Tests;

/// <summary>What READ COMMITTED does with two statements on one row, in both orders, many times.</summary>
public sealed class RaceTests(PostgresServerFixture server)
{
    private const int Rounds = 150;

    [Fact]
    public async Task A_replace_against_a_destroy_is_replaced_or_gone_and_never_a_conflict()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        for (var round = 0; round < Rounds; round++)
        {
            var id = $"id{round}";
            var created = await store.CreateAsync(id, Database.Content());
            var (replaced, destroyed) = await BothAsync(round, () => store.ReplaceAsync(id, created.Version, Database.Content("""{"n":1}""")), () => store.DestroyAsync(id));

            Assert.True(destroyed);
            Assert.True(replaced.Status is SessionWriteStatus.Written or SessionWriteStatus.Gone, $"The replace was answered {replaced}.");
            Assert.Null(await store.GetAsync(id));
        }
    }

    [Fact]
    public async Task A_touch_or_slide_against_a_destroy_never_brings_a_session_back()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        for (var round = 0; round < Rounds; round++)
        {
            var id = $"id{round}";
            await store.CreateAsync(id, Database.Content());
            var later = DateTimeOffset.UtcNow.AddHours(5);
            var (_, destroyed) = round % 4 < 2
                ? await BothAsync(round, () => store.TouchAsync(id, later), () => store.DestroyAsync(id))
                : await BothAsync(round, async () => await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromHours(2), later)) is not null, () => store.DestroyAsync(id));

            Assert.True(destroyed);
            Assert.Null(await store.GetAsync(id));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_is_rotated_while_it_is_destroyed_is_over(bool partitioned)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (partitioned)
            await database.ExecuteAsync(Database.CreatePartitions);

        await using var store = database.Store();
        for (var round = 0; round < Rounds; round++)
        {
            var (id, newId) = ($"old{round}", $"new{round}");
            await store.CreateAsync(id, Database.Content());
            var (rotated, destroyed) = await BothAsync(round, () => store.RotateAsync(id, newId, SessionVersion.Any, Database.Content("""{"n":1}""")), () => store.DestroyAsync(id));

            Assert.True(destroyed);
            Assert.True(rotated.Status is SessionWriteStatus.Written or SessionWriteStatus.Gone, $"The rotation returned {rotated}.");
            Assert.Null(await store.GetAsync(id));
            Assert.Null(await store.GetAsync(newId));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_out_everywhere_ends_sessions_that_are_rotated_twice(bool partitioned)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (partitioned)
            await database.ExecuteAsync(Database.CreatePartitions);

        await using var store = database.Store();
        for (var round = 0; round < Rounds; round++)
        {
            var (id, newId, newerId) = ($"old{round}", $"new{round}", $"newer{round}");
            await store.CreateAsync(id, Database.Content(subject: "user"));
            var (rotated, destroyed) = await BothAsync(round, RotateTwiceAsync, () => store.DestroyBySubjectAsync("user"));

            Assert.Equal(1, destroyed);
            Assert.True(rotated.Status is SessionWriteStatus.Written or SessionWriteStatus.Gone, $"The rotation returned {rotated}.");
            Assert.Equal(0, await store.LengthAsync());

            async ValueTask<SessionWriteResult> RotateTwiceAsync()
            {
                await store.RotateAsync(id, newId, SessionVersion.Any, Database.Content(subject: "user"));
                return await store.RotateAsync(newId, newerId, SessionVersion.Any, Database.Content(subject: "user"));
            }
        }
    }

    [Fact]
    public async Task Of_two_rotations_to_one_id_one_wins_and_the_other_stays()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        for (var round = 0; round < Rounds; round++)
        {
            var (a, b, target) = ($"a{round}", $"b{round}", $"target{round}");
            await store.CreateAsync(a, Database.Content());
            await store.CreateAsync(b, Database.Content());
            var (first, second) = await BothAsync(round,
                () => store.RotateAsync(a, target, SessionVersion.Any, Database.Content("""{"from":"a"}""")), () => store.RotateAsync(b, target, SessionVersion.Any, Database.Content("""{"from":"b"}""")));

            Assert.Equal([SessionWriteStatus.Written, SessionWriteStatus.Taken], new[] { first.Status, second.Status }.Order());
            Assert.NotNull(await store.GetAsync(target));
            Assert.NotNull(await store.GetAsync(first.Status == SessionWriteStatus.Taken ? a : b));
        }
    }

    [Fact]
    public async Task Of_parallel_creates_exactly_one_wins_also_over_an_expired_record()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        for (var round = 0; round < 60; round++)
        {
            var id = $"id{round}";
            if (round % 2 == 0)
                await store.SetAsync(id, Database.Content(life: TimeSpan.FromSeconds(-5)));

            using var gate = new Barrier(6);
            var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
            {
                gate.SignalAndWait();
                return await store.CreateAsync(id, Database.Content($$"""{"n":{{i}}}"""));
            })));

            var winner = Array.FindIndex(results, result => result.Status == SessionWriteStatus.Written);
            Assert.Single(results, result => result.Status == SessionWriteStatus.Written);
            Assert.Equal(results[winner].Version, (await store.GetAsync(id))!.Version);
        }
    }

    [Fact]
    public async Task Increments_by_many_writers_lose_none()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content("""{"n":0}"""));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 30;)
            {
                var record = (await store.GetAsync("id"))!;
                var next = int.Parse(Encoding.UTF8.GetString(record.Payload.Span)[5..^1], CultureInfo.InvariantCulture) + 1;
                var result = await store.ReplaceAsync("id", record.Version, Database.Content($$"""{"n":{{next}}}"""));
                if (result.Status == SessionWriteStatus.Written)
                    i++;
            }
        })));

        Assert.Equal("""{"n":180}""", Encoding.UTF8.GetString((await store.GetAsync("id"))!.Payload.Span));
    }

    [Fact]
    public async Task A_reader_of_a_rotating_session_sees_one_id_at_a_time()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("r0", Database.Content());
        var done = false;
        var reader = Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
                Assert.Equal(1, await store.LengthAsync());
        });
        for (var i = 0; i < 300; i++)
            Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync($"r{i}", $"r{i + 1}", SessionVersion.Any, Database.Content())).Status);

        Volatile.Write(ref done, true);
        await reader;
    }

    [Fact]
    public async Task A_rotation_to_an_expired_id_that_is_pruned_at_that_moment_is_written()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.SetAsync("new", Database.Content(life: TimeSpan.FromSeconds(-5)));
        await store.CreateAsync("old", Database.Content());
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync("SELECT FROM session WHERE sid = 'new' FOR UPDATE");

        var rotating = store.RotateAsync("old", "new", SessionVersion.Any, Database.Content("""{"n":1}""")).AsTask();
        await SessionStores.Backends.Wait.UntilAsync(
            async _ => await database.ScalarAsync<bool>("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"),
            TimeSpan.FromSeconds(30), "the rotation to find the expired record");
        await ExecuteAsync("DELETE FROM session WHERE sid = 'new'");
        await transaction.CommitAsync();

        Assert.Equal(SessionWriteStatus.Written, (await rotating).Status);
        Assert.NotNull(await store.GetAsync("new"));

        async Task ExecuteAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task A_replace_that_waits_for_a_lock_sees_that_the_session_expired_meanwhile()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        var created = await store.CreateAsync("id", Database.Content(life: TimeSpan.FromSeconds(2)));
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = new Npgsql.NpgsqlCommand("SELECT FROM session WHERE sid = 'id' FOR UPDATE", connection, transaction))
            await locking.ExecuteNonQueryAsync();

        var waiting = store.ReplaceAsync("id", created.Version, Database.Content("""{"n":1}""")).AsTask();
        await SessionStores.Backends.Wait.UntilAsync(
            async _ => await database.ScalarAsync<bool>("SELECT expire <= clock_timestamp() FROM session"), TimeSpan.FromSeconds(30), "the session to expire");
        Assert.False(waiting.IsCompleted);
        await transaction.RollbackAsync();

        Assert.Equal(SessionWriteStatus.Gone, (await waiting).Status);
    }

    /// <summary>Starts both at once, in turns the one and the other first.</summary>
    private static async Task<(T1 First, T2 Second)> BothAsync<T1, T2>(int round, Func<ValueTask<T1>> first, Func<ValueTask<T2>> second)
    {
        using var gate = new Barrier(2);
        Task<T1>? one = null;
        Task<T2>? two = null;
        void StartFirst() => one = Task.Run(async () => { gate.SignalAndWait(); return await first(); });
        void StartSecond() => two = Task.Run(async () => { gate.SignalAndWait(); return await second(); });
        if (round % 2 == 0)
        {
            StartFirst();
            StartSecond();
        }
        else
        {
            StartSecond();
            StartFirst();
        }

        return (await one!, await two!);
    }
}
