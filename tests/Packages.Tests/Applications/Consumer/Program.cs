using System.Text;
using SessionStores;
using SessionStores.Conformance;
using SessionStores.Memory;
using SessionStores.Postgres;

using var store = new MemoryStore();
await store.CreateAsync("id", new SessionContent("""{"views":1}"""u8.ToArray(), TimeSpan.FromMinutes(20)));

var record = await store.GetAsync("id");
Console.WriteLine(record is not null && Encoding.UTF8.GetString(record.Payload.Span) == """{"views":1}""" ? "read back: 1 view" : "lost");

await using var postgres = new PostgresStore("Host=127.0.0.1;Port=1;Username=unknown", new PostgresStoreOptions { OperationTimeout = TimeSpan.FromSeconds(1) });
try
{
    await postgres.GetAsync("id");
    return 1;
}
catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unavailable)
{
    Console.WriteLine("no server, one typed exception");
}

await using var fixture = new MemoryFixture();
var results = await fixture.RunAsync(only: name => name.StartsWith("Touch.", StringComparison.Ordinal));
return results.Count > 0 && results.All(result => result.Passed == true) ? 0 : 1;

internal sealed class MemoryFixture : SessionStoreFixture
{
    public override string Name => "consumer";

    public override StoreCapabilities Capabilities => StoreCapabilities.Clock;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) => new(new MemoryStore(null, settings.Clock));
}
