using System.Text;
using SessionStores;
using SessionStores.Conformance;
using SessionStores.Memory;
using SessionStores.Postgres;

var clock = new FakeClock();
using var store = new MemoryStore(null, clock);
await store.CreateAsync("id", new SessionContent("""{"views":1}"""u8.ToArray(), clock.GetUtcNow().AddMinutes(20)));

var record = await store.GetAsync("id");
Console.WriteLine(record is not null && Encoding.UTF8.GetString(record.Payload.Span) == """{"views":1}""" ? "read back: 1 view" : "lost");

await using var postgres = new PostgresStore("Host=127.0.0.1;Port=1;Username=nobody", new PostgresStoreOptions { OperationTimeout = TimeSpan.FromSeconds(1) });
try
{
    await postgres.GetAsync("id");
    return 1;
}
catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unavailable)
{
    Console.WriteLine("no server, one typed exception");
}

return await store.GetAsync("other") is null ? 0 : 1;
