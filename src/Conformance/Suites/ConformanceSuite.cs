using System.Text;

namespace SessionStores.Conformance.Suites;

/// <summary>A suite of cases: each public method with a <see cref="ClauseAttribute"/> is one.</summary>
internal abstract partial class ConformanceSuite
{
    private const string IdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>The rounds of a race that are run whatever time they take: each order on one node and on two, three times.</summary>
    private const int LeastRounds = 24;

    private CaseContext? _context;
    private long _typicalTicks;

    private protected ConformanceSuite(SessionStoreFixture fixture) => Fixture = fixture;

    private protected CaseContext Context => _context!;

    private protected SessionStoreFixture Fixture { get; }

    private protected FakeClock Clock => Context.Clock;

    private protected SeededRandom Random => Context.Random;

    /// <summary>An expiry that no case reaches: an hour from now.</summary>
    private protected DateTimeOffset Later => Round(Context.Now.AddHours(1));

    /// <summary>Makes the suite run the body of a case in this context.</summary>
    internal void Attach(CaseContext context) => _context = context;

    /// <summary>Runs the body of a case.</summary>
    private protected static Task RunAsync(Func<Task> body) => body();

    /// <summary>Runs the body of a case with a store of the case's namespace.</summary>
    private protected async Task RunAsync(Func<ISessionStore, Task> body) => await body(await OpenAsync());

    /// <summary>Runs the body of a case with a store of the case's namespace and an id that is free in it.</summary>
    private protected async Task RunAsync(Func<ISessionStore, string, Task> body) => await body(await OpenAsync(), NewId());

    /// <summary>Runs the body of a case with a store of the case's namespace, and with the capability of that store that the case is about.</summary>
    private protected Task RunAsync<TCapability>(Func<ISessionStore, TCapability, Task> body)
        where TCapability : class => RunAsync(store => body(store, store.Require<TCapability>()));

    /// <summary>Opens a store; in a race two on the same data, where the fixture offers that, which take the calls of some rounds in turn.</summary>
    private protected async Task<ISessionStore> OpenAsync() => Context.IsRace && Context.Offers(StoreCapabilities.SharedData)
        ? new NodesStore(Context, await Context.OpenAsync(), await Context.OpenAsync())
        : await Context.OpenAsync();

    private protected string NewId() => Random.Text(IdAlphabet, 32);

    private protected List<string> NewIds(int count) => [.. Enumerable.Range(0, count).Select(_ => NewId())];

    private protected DateTimeOffset In(TimeSpan life) => Round(Context.Now + life);

    private protected DateTimeOffset Soon() => In(Context.ShortLife);

    /// <summary>An instant in the steps of the store, so that it comes back as it was written.</summary>
    private protected DateTimeOffset Round(DateTimeOffset instant)
    {
        if (instant == SessionExpiry.Never)
            return instant;

        var step = Fixture.ExpiryResolution.Ticks;
        var over = instant.Ticks % step;
        return SessionExpiry.Normalize(over == 0 ? instant : instant.AddTicks(step - over));
    }

    private protected static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A payload as the middleware writes it, with one member that tells it from others.</summary>
    private protected static ReadOnlyMemory<byte> Payload(string mark = "one") =>
        Json($$$"""{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"mark":"{{{mark}}}"}""");

    private protected SessionContent Content(string mark = "one", DateTimeOffset? expiresAt = null, string? subject = null) =>
        new(Payload(mark), expiresAt ?? Later, subject);

    /// <summary>Creates a session and reads it.</summary>
    private protected static async Task<SessionRecord> StoredAsync(ISessionStore store, string id, SessionContent content)
    {
        var created = await store.CreateAsync(id, content);
        Expect.Equal(SessionWriteStatus.Written, created.Status, "the status of the first create");
        return Expect.Found(await store.GetAsync(id), "the session that was just created");
    }

    /// <summary>Reads a session that must hold the payload of this mark.</summary>
    private protected static async Task<SessionRecord> HasAsync(ISessionStore store, string id, string mark)
    {
        var record = Expect.Found(await store.GetAsync(id), $"the session with mark '{mark}'");
        Expect.Bytes(Payload(mark), record.Payload);
        return record;
    }

    /// <summary>Checks a session that was just read: the lifetime that began between two instants, and what is said to remain of it. By the clock of
    /// the case it is exact to the step of the store; by that of a server, whose time the kit only estimates, to a second more.</summary>
    private protected void ExpectLife(SessionRecord record, TimeSpan life, DateTimeOffset from, string what, DateTimeOffset? until = null)
    {
        var (now, slack) = (Context.Now, Context.HasClock ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
        var (least, most) = (from + life - slack, (until ?? now) + life + slack + Fixture.ExpiryResolution);
        Expect.True(record.ExpiresAt >= least && record.ExpiresAt < most, $"the expiry after {what} is from {least:O} to {most:O}, not {record.ExpiresAt:O}");

        var remaining = record.Remaining ?? TimeSpan.MaxValue;
        var (shortest, longest) = (record.ExpiresAt - now - slack, record.ExpiresAt - (Context.HasClock ? now : from) + slack);
        Expect.True(remaining >= shortest && remaining <= longest, $"what remains after {what} is {shortest} to {longest}, not {record.Remaining?.ToString() ?? "null"}");
    }

    /// <summary>Puts an unreadable record under an id, once the store is in use: what it prepares at its first use is there.</summary>
    private protected async Task PlantUnreadableAsync(ISessionStore store, string id)
    {
        await store.GetAsync(NewId());
        await Fixture.PlantUnreadableAsync(Context.Namespace, id);
    }

    /// <summary>Writes a record as a program does that does not use this store, once the store is in use.</summary>
    private protected async Task WriteAsPeerAsync(ISessionStore store, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt)
    {
        await store.GetAsync(NewId());
        await Fixture.WriteAsPeerAsync(Context.Namespace, id, payload, expiresAt);
    }

    private protected static async Task<List<SessionRecord>> ListAsync(IAsyncEnumerable<SessionRecord> records)
    {
        var list = new List<SessionRecord>();
        await foreach (var record in records)
            list.Add(record);

        return list;
    }

    /// <summary>Checks a session of a listing without payloads against what was stored.</summary>
    private protected static void IsWithoutPayload(SessionRecord stored, SessionRecord listed)
    {
        Expect.Equal(stored.Id, listed.Id, "the id");
        Expect.Equal(stored.ExpiresAt, listed.ExpiresAt, "the expiry");
        Expect.Equal(stored.Subject, listed.Subject, "the subject");
        Expect.True(listed.Remaining is { } left && left <= stored.Remaining, $"what remains is no more than {stored.Remaining}, not {listed.Remaining}");
        Expect.True(listed.Payload.IsEmpty, $"the payload is empty, not of {listed.Payload.Length} bytes");
        Expect.True(listed.Version == default, "the version is default");
    }

    /// <summary>Runs steps that have to be done before an instant, which is returned. On a busy machine they are repeated with more time; they begin
    /// with new ids each time.</summary>
    private protected async Task<DateTimeOffset> BeforeAsync(Func<DateTimeOffset, Task> steps)
    {
        for (var life = Context.BulkLife; ; life *= 3)
        {
            var end = In(life);
            try
            {
                await steps(end);
                if (IsBefore(end))
                    return end;
            }
            catch (ConformanceException) when (!IsBefore(end))
            {
                // What was expected of a session that lives does not hold for one that has expired in the meantime.
            }

            if (life > Fixture.CaseTimeout)
                throw new ConformanceException($"The first steps of the case took longer than {life}.");
        }
    }

    /// <summary>Whether an instant is still to come, also if the server's clock is a little ahead of what the kit takes it for.</summary>
    private bool IsBefore(DateTimeOffset instant) => Context.HasClock || Context.Now < instant - TimeSpan.FromMilliseconds(50);

    /// <summary>Runs the rounds of a race; a failure names its round.</summary>
    private protected Task RoundsAsync(Func<int, Task> round) => RoundsAsync(LeastRounds, Fixture.RaceRounds, round);

    /// <summary>Runs some rounds of a race, and no more than the least once its time is over; a failure names its round.</summary>
    private protected async Task RoundsAsync(int least, int most, Func<int, Task> round)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < most && (i < least || TimeProvider.System.GetElapsedTime(started) < Fixture.RaceTime); i++)
        {
            try
            {
                await round(i);
            }
            catch (ConformanceException failure)
            {
                throw new ConformanceException($"Round {i} of {most}: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Lets contenders go at once: of four rounds one runs them in order, one in the opposite order, and two together behind a
    /// barrier. Behind it each waits for a part, which the seed determines, of the time that contenders have taken so far, so that the one
    /// meets the other at its beginning, on its way and at its end. Of eight rounds the last four go to two nodes in turn.</summary>
    private protected async Task TogetherAsync(int round, params IReadOnlyList<Func<Task>> contenders)
    {
        Context.Spreads = round % 8 >= 4;
        if (round % 4 < 2)
        {
            foreach (var contender in round % 4 == 0 ? contenders : contenders.Reverse())
                await contender();

            return;
        }

        var waiting = contenders.Count;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var delays = contenders.Select(_ => Random.Below(3) == 0 ? 0 : _typicalTicks * Random.Below(1000) / 1000).ToList();
        var took = new long[contenders.Count];
        await Task.WhenAll(contenders.Select((contender, i) => Task.Run(async () =>
        {
            if (Interlocked.Decrement(ref waiting) == 0)
                gate.SetResult();

            await gate.Task;
            var opened = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetTimestamp() - opened < delays[i])
                await Task.Yield();

            var started = TimeProvider.System.GetTimestamp();
            await contender();
            took[i] = TimeProvider.System.GetTimestamp() - started;
        })).ToList());
        _typicalTicks = ((3 * _typicalTicks) + (long)took.Average()) / 4;
    }
}
