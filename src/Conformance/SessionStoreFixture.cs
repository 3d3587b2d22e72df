namespace SessionStores.Conformance;

/// <summary>What a store author writes once: how the store is created, and what it offers.</summary>
/// <remarks>
/// It needs no test framework. With SessionStores.Conformance.Xunit, name it in <c>[assembly: AssemblyFixture(typeof(…))]</c>. Disposing it
/// ends what <see cref="StartAsync"/> began, writes the report and prints its summary. Members are called from many threads at once.
/// </remarks>
public abstract class SessionStoreFixture : IAsyncDisposable
{
    private readonly RunState _state = new();

    /// <summary>The name of the store in reports and file names, such as <c>redis</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the fixture offers.</summary>
    public abstract StoreCapabilities Capabilities { get; }

    /// <summary>Why no case can run, such as a server that is not there; null when they can. Read after <see cref="StartAsync"/>.</summary>
    public virtual string? UnavailableReason => null;

    /// <summary>The steps in which the store keeps an expiry, rounded up: a millisecond unless a stored format is coarser.</summary>
    public virtual TimeSpan ExpiryResolution => TimeSpan.FromMilliseconds(1);

    /// <summary>The version of the client library, for the report.</summary>
    public virtual string? ClientVersion => null;

    /// <summary>The version of the server, for the report. Read after <see cref="StartAsync"/>.</summary>
    public virtual string? ServerVersion => null;

    /// <summary>Texts that must never be seen in a log line or an exception, such as the password of the server.</summary>
    public virtual IReadOnlyList<string> Secrets => [];

    /// <summary>What the store is known not to do: the name of a case, or of a whole group, and the reason, which the report shows.</summary>
    /// <remarks>A waived case runs, so that its waiver is reported as stale when it passes. A group, such as <c>Fault</c>, is left out.</remarks>
    public virtual IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>();

    /// <summary>How many rounds a race case runs.</summary>
    /// <value>Default 300; a store with a server takes fewer, such as 100.</value>
    public virtual int RaceRounds => 300;

    /// <summary>After which time a race ends early, once it has run a few rounds in each order, so that a store whose writers wait for one another is not raced for minutes.</summary>
    /// <value>Default 1 second.</value>
    public virtual TimeSpan RaceTime => TimeSpan.FromSeconds(1);

    /// <summary>After which time a case counts as hanging, and fails.</summary>
    /// <value>Default 60 seconds.</value>
    public virtual TimeSpan CaseTimeout => TimeSpan.FromSeconds(60);

    /// <summary>The seed of the case data and of the race schedules; null picks one at random, which the report then names.</summary>
    /// <value>Default: the environment variable <c>SESSIONSTORES_SEED</c>, a decimal number.</value>
    public virtual ulong? Seed => SeededRandom.FromEnvironment();

    /// <summary>The folder for the report.</summary>
    /// <value>Default: the environment variable <c>SESSIONSTORES_REPORTS</c>, else <c>conformance</c> in the closest folder
    /// <c>artifacts</c> above the test binaries, else <c>conformance</c> beside them.</value>
    public virtual string ReportFolder => ReportFiles.DefaultFolder();

    /// <summary>Creates a store for a namespace: a key prefix, a schema, a table, a collection, a database.</summary>
    /// <remarks>The kit disposes the store if it is disposable. What is shared between stores belongs to the fixture.</remarks>
    /// <param name="namespace">Lower-case ASCII letters and digits, a letter first, at most 24; different from all others.</param>
    /// <param name="settings">How the store is to be created.</param>
    public abstract ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings);

    /// <summary>Removes what is left of a namespace after a case.</summary>
    public virtual ValueTask DropAsync(string @namespace) => default;

    /// <summary>The instant by which the server decides expiry, where the server owns time. The kit asks for it at the start.</summary>
    public virtual ValueTask<DateTimeOffset> GetServerTimeAsync() => new(TimeProvider.System.GetUtcNow());

    /// <summary>Writes a record as a program does that does not use versions, subjects or this store (<see cref="StoreCapabilities.PeerWrites"/>).</summary>
    public virtual ValueTask WriteAsPeerAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt) =>
        throw NotOffered(nameof(WriteAsPeerAsync));

    /// <summary>Puts a record under an id that the store cannot read and that does not expire (<see cref="StoreCapabilities.UnreadableRecords"/>).</summary>
    public virtual ValueTask PlantUnreadableAsync(string @namespace, string id) => throw NotOffered(nameof(PlantUnreadableAsync));

    /// <summary>Counts everything that is stored for a namespace: records, live or expired, and index entries, but not
    /// what is remembered of rotations, which ends by itself (<see cref="StoreCapabilities.StoredCount"/>).</summary>
    public virtual ValueTask<long> CountStoredAsync(string @namespace) => throw NotOffered(nameof(CountStoredAsync));

    /// <summary>Registers the store with its own <c>UseX</c> method (<see cref="StoreCapabilities.Registration"/>).</summary>
    /// <returns>What <c>UseX</c> returned.</returns>
    public virtual ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) => throw NotOffered(nameof(Register));

    /// <summary>Registers the store with options that it must refuse at once by an <see cref="ArgumentException"/> (<see cref="StoreCapabilities.InvalidRegistration"/>).</summary>
    public virtual void RegisterInvalid(ISessionStoresBuilder builder) => throw NotOffered(nameof(RegisterInvalid));

    /// <summary>Registers the store with a server that is not there and a time limit of about a second (<see cref="StoreCapabilities.UnreachableRegistration"/>).</summary>
    public virtual void RegisterUnreachable(ISessionStoresBuilder builder) => throw NotOffered(nameof(RegisterUnreachable));

    /// <summary>What a registered store asks the application's container for; null for what the application has not registered.</summary>
    public virtual object? GetService(Type serviceType) => null;

    /// <summary>Creates a store that prepares its server itself, for a namespace that is not prepared (<see cref="StoreCapabilities.SetUp"/>).</summary>
    public virtual ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) => throw NotOffered(nameof(CreateUnpreparedAsync));

    /// <summary>Describes what is set up for a namespace, so that two descriptions can be compared (<see cref="StoreCapabilities.SetUpDescription"/>).</summary>
    public virtual ValueTask<string> DescribeSetUpAsync(string @namespace) => throw NotOffered(nameof(DescribeSetUpAsync));

    /// <summary>Sets a namespace up as an older version or a Node peer did, with one live session in it (<see cref="StoreCapabilities.OlderSetUp"/>).</summary>
    public virtual ValueTask PrepareOlderAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt) =>
        throw NotOffered(nameof(PrepareOlderAsync));

    /// <summary>Prepares a namespace with full rights and makes a store on it with no more rights than documented (<see cref="StoreCapabilities.LeastPrivilege"/>).</summary>
    public virtual ValueTask<ISessionStore> CreateLeastPrivilegedAsync(string @namespace) => throw NotOffered(nameof(CreateLeastPrivilegedAsync));

    /// <summary>Takes away something that the store needs, such as a column (<see cref="StoreCapabilities.BrokenSetUp"/>).</summary>
    public virtual ValueTask BreakSetUpAsync(string @namespace) => throw NotOffered(nameof(BreakSetUpAsync));

    /// <summary>Starts a server of its own for the fault cases; null when the store has no server or the fixture cannot do it.</summary>
    public virtual ValueTask<IServerFaults?> StartFaultyServerAsync() => default;

    /// <summary>Starts what the stores need, before the first case. Called once.</summary>
    protected virtual ValueTask StartAsync() => default;

    /// <summary>Ends what <see cref="StartAsync"/> began. Called once, also when it failed halfway.</summary>
    protected virtual ValueTask StopAsync() => default;

    /// <summary>Starts the fixture unless it has started. Cases do this themselves; a test of your own that needs the server awaits it first.</summary>
    /// <exception cref="ArgumentException">One of <see cref="Waivers"/> names no case, or has no reason.</exception>
    public Task EnsureStartedAsync() => _state.StartOnceAsync(async () =>
    {
        CheckWaivers();
        await StartAsync();
        if ((Capabilities & StoreCapabilities.Clock) == 0 && UnavailableReason is null)
            _state.ServerTimeOffset = await ReadServerTimeOffsetAsync();
    });

    /// <summary>Runs cases one after the other, without a test runner. Dispose the fixture afterwards to get the report.</summary>
    /// <param name="only">Selects the cases by group and name, such as <c>Touch.Touch_moves_the_expiry_forward</c>; null for all.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<IReadOnlyList<CaseResult>> RunAsync(Func<string, bool>? only = null, CancellationToken cancellationToken = default)
    {
        var results = new List<CaseResult>();
        foreach (var each in ConformanceKit.Cases.Where(each => only is null || only(each.ToString())))
            results.Add(await each.RunAsync(this, cancellationToken));

        return results;
    }

    /// <summary>Ends the run: stops what was started, writes the report and prints its summary.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (await EndAsync() is { } report)
            await ReportAsync(report);
    }

    /// <summary>Stops what was started and returns the report; null when the run has ended before.</summary>
    internal async ValueTask<ConformanceReport?> EndAsync()
    {
        if (!_state.TryEnd())
            return null;

        try
        {
            await _state.DisposeAsync();
        }
        finally
        {
            await StopAsync();
        }

        return _state.ToReport(this);
    }

    /// <summary>Takes the report at the end of the run: writes it to <see cref="ReportFolder"/> and prints its summary.</summary>
    internal virtual async ValueTask ReportAsync(ConformanceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Results.Count == 0)
            return;

        await ReportFiles.WriteAsync(ReportFolder, report);
        await Console.Out.WriteLineAsync(report.Summary);
    }

    internal RunState State => _state;

    /// <summary>How far the server's clock is ahead of ours. Each reply comes late by its way back, so the largest of some differences is the best.</summary>
    private async Task<TimeSpan> ReadServerTimeOffsetAsync()
    {
        var offset = TimeSpan.MinValue;
        for (var i = 0; i < 5; i++)
        {
            var ahead = await GetServerTimeAsync() - TimeProvider.System.GetUtcNow();
            offset = ahead > offset ? ahead : offset;
        }

        return offset;
    }

    private void CheckWaivers()
    {
        var known = ConformanceKit.Cases.SelectMany(each => new[] { each.ToString(), each.Group }).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, reason) in Waivers)
        {
            var nearest = NearestName.Find(name, known) is { } near ? $" Did you mean '{near}'?" : "";
            if (!known.Contains(name))
                throw new ArgumentException($"{nameof(Waivers)} of {GetType().Name} has '{name}', which is neither a case nor a group of the kit.{nearest}");
            if (string.IsNullOrWhiteSpace(reason))
                throw new ArgumentException($"{nameof(Waivers)} of {GetType().Name} has '{name}' without a reason. Say why the store does not do it.");
        }
    }

    private NotSupportedException NotOffered(string member) =>
        new($"{GetType().Name} declares a capability in {nameof(Capabilities)} whose member {member} it does not override.");
}
