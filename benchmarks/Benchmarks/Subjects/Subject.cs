namespace SessionStores.Benchmarks.Subjects;

/// <summary>A store, and the raw calls of its driver on the same connection and the same bytes.</summary>
internal abstract class Subject : IAsyncDisposable
{
    private int _created;

    /// <summary>The stores that can be measured in this build.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "memory", "redis", "postgres",
        "mongo",
    ];

    public abstract ISessionStore Store { get; }

    public string Id { get; } = NewId();

    public byte[] Payload { get; private set; } = [];

    public SessionContent Content { get; private set; }

    public SessionVersion Version { get; private set; }

    /// <summary>Starts the server of a store and stores one session there. Null where this machine has no such server.</summary>
    public static async Task<Subject?> StartAsync(string name, int payloadBytes)
    {
        Subject? subject = name switch
        {
            "memory" => new MemorySubject(),
            "redis" => await RedisSubject.StartAsync(),
            "postgres" => await PostgresSubject.StartAsync(),
            "mongo" => await MongoSubject.StartAsync(),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such store."),
        };
        if (subject is null)
            return null;

        subject.Payload = Payloads.Of(payloadBytes);
        subject.Content = new SessionContent(subject.Payload, TimeSpan.FromHours(1));
        subject.Version = (await subject.Store.CreateAsync(subject.Id, subject.Content)).Version;
        await subject.PrepareAsync();
        return subject;
    }

    public static string NewId() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));

    /// <summary>An id that is new at each call, without the cost of randomness.</summary>
    public string NextId() => $"{Id[..24]}{Interlocked.Increment(ref _created):x8}";

    public abstract Task RawGetAsync();

    public abstract Task RawReplaceAsync();

    public abstract Task RawCreateAsync();

    public abstract Task RawTouchAsync();

    public abstract ValueTask DisposeAsync();

    protected virtual Task PrepareAsync() => Task.CompletedTask;
}
