using SessionStores.Conformance;

namespace SessionStores.Conformance.Tests.Reference;

/// <summary>Hands the kit a store on a reference server, with everything that a fixture can offer.</summary>
public class ReferenceFixture : SessionStoreFixture
{
    private readonly ReferenceServer _server = new();

    public override string Name => "reference";

    public override StoreCapabilities Capabilities => Enum.GetValues<StoreCapabilities>().Aggregate((all, each) => all | each);

    public override string ServerVersion => "1.0";

    public override string ClientVersion => "1.0";

    public override IReadOnlyList<string> Secrets => ["connection-password"];

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) => new(Create(_server, @namespace, settings));

    public override ValueTask DropAsync(string @namespace)
    {
        _server.Drop(@namespace);
        return default;
    }

    public override ValueTask WriteAsPeerAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt)
    {
        _server.Inspect(@namespace, table =>
        {
            if (table.Rows.TryGetValue(id, out var row))
                (row.Payload, row.ExpiresAt) = (payload.ToArray(), expiresAt);
            else
                table.Rows[id] = new ReferenceRow(id, payload.ToArray(), expiresAt, null);

            return true;
        });
        return default;
    }

    public override ValueTask PlantUnreadableAsync(string @namespace, string id)
    {
        _server.Inspect(@namespace, table => table.Rows[id] = new ReferenceRow(id, [], DateTimeOffset.MaxValue, null) { IsUnreadable = true });
        return default;
    }

    public override ValueTask<long> CountStoredAsync(string @namespace) => new(_server.Inspect(@namespace, table => table.Stored));

    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStore(services => Create(_server, @namespace, new() { Clock = (TimeProvider?)services.GetService(typeof(TimeProvider)) }));
    }

    public override void RegisterInvalid(ISessionStoresBuilder builder) =>
        throw new ArgumentException("MaxPayloadBytes must be at least 2, but is 0.", nameof(builder));

    public override void RegisterUnreachable(ISessionStoresBuilder builder)
    {
        var away = new ReferenceServer();
        away.Begin(ServerFault.Hanging);
        builder.UseStore(_ => Create(away, "away", new() { CommandTimeout = TimeSpan.FromSeconds(1) }));
    }

    public override ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) =>
        new(new PreparingStore(_server, @namespace, new StoreSettings()));

    public override ValueTask<string> DescribeSetUpAsync(string @namespace) =>
        new(_server.Inspect(@namespace, table => $"set up {table.SetUps} times"));

    public override ValueTask PrepareOlderAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt) =>
        WriteAsPeerAsync(@namespace, id, payload, expiresAt);

    public override ValueTask<ISessionStore> CreateLeastPrivilegedAsync(string @namespace) => CreateStoreAsync(@namespace, new());

    public override ValueTask BreakSetUpAsync(string @namespace)
    {
        _server.Inspect(@namespace, table => table.IsBroken = true);
        return default;
    }

    public override ValueTask<IServerFaults?> StartFaultyServerAsync() => new(new ReferenceServer { Create = Create });

    protected virtual ISessionStore Create(ReferenceServer server, string name, StoreSettings settings) => new ReferenceStore(server, name, settings);
}
