#:property PublishAot=false
#:project ../tests/Backends

// Starts a PostgreSQL server, prints the connection string of an empty database, and ends the server when the input ends.
using SessionStores.Backends;

await using var server = await PostgresBackend.StartAsync();
if (!server.IsAvailable)
{
    Console.WriteLine($"not run: {server.Reason}");
    return 2;
}

Console.WriteLine(await server.Backend.CreateDatabaseAsync());
await Console.In.ReadToEndAsync();
return 0;
