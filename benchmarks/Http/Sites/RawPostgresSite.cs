using Npgsql;
using NpgsqlTypes;

namespace SessionStores.Http.Sites;

/// <summary>Bare endpoints that do nothing but the calls of the driver: one prepared SELECT by key; SELECT, then UPDATE of the same bytes.</summary>
internal static class RawPostgresSite
{
    public static Task MapAsync(WebApplication app, string connection)
    {
        // As the store sets its own connections: nothing to reset when one goes back to the pool, no ambient transactions.
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { NoResetOnClose = true, Enlist = false });
        app.Lifetime.ApplicationStopped.Register(source.Dispose);
        app.MapGet("/read", async (HttpRequest request) =>
        {
            await using var open = await source.OpenConnectionAsync();
            return await SelectAsync(open, SampleSession.IdOf(request)) is null ? SampleSession.Anonymous : "user-1000";
        });
        app.MapGet("/change", async (HttpRequest request) =>
        {
            var id = SampleSession.IdOf(request);
            byte[]? payload;
            await using (var open = await source.OpenConnectionAsync())
                payload = await SelectAsync(open, id);

            if (payload is null)
                return SampleSession.Anonymous;

            await using (var open = await source.OpenConnectionAsync())
                await UpdateAsync(open, id, payload);

            return "1000";
        });
        return Task.CompletedTask;
    }

    private static async Task<byte[]?> SelectAsync(NpgsqlConnection connection, string id)
    {
        await using var command = new NpgsqlCommand("SELECT sess FROM session WHERE sid = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? reader.GetFieldValue<byte[]>(0) : null;
    }

    private static async Task UpdateAsync(NpgsqlConnection connection, string id, byte[] payload)
    {
        await using var command = new NpgsqlCommand("UPDATE session SET sess = $2, expire = now() + interval '1 hour' WHERE sid = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { NpgsqlDbType = NpgsqlDbType.Json, TypedValue = payload });
        await command.PrepareAsync();
        await command.ExecuteNonQueryAsync();
    }
}
