using Npgsql;

namespace SessionStores.Postgres;

/// <remarks>Round trips that calls share (decision 24).</remarks>
internal sealed partial class PostgresConnection : IRoundTripHost
{
    Deadline IRoundTripHost.Deadline => _deadline;

    /// <summary>Creates round trips that read.</summary>
    /// <param name="sql">Selects the statement.</param>
    /// <param name="bind">Adds the parameters.</param>
    /// <param name="read">Reads a row, and returns the number of its call, from 1, and what it says.</param>
    /// <param name="none">The reply to a call for which there was no row.</param>
    public RoundTrips<TCall, TResult> ShareReads<TCall, TResult>(
        Func<PostgresCommands, string> sql, Action<NpgsqlParameterCollection, PostgresCommands, IReadOnlyList<TCall>> bind,
        Func<NpgsqlDataReader, IReadOnlyList<TCall>, (long Number, Reply<TResult> Reply)> read, Reply<TResult> none) =>
        new(this, (trip, call) => SendAsync(trip, null, sql, bind, read, none, call),
            static exception => PostgresFaults.IsFault(exception) || exception is SessionStoreException or ObjectDisposedException) { SharesAlways = _options.SharesAlways };

    /// <summary>Creates round trips that write.</summary>
    /// <param name="keyOf">The id of a call: two writes of one session never share a statement.</param>
    /// <param name="fits">Whether the table can take a call.</param>
    /// <param name="sql">Selects the statement.</param>
    /// <param name="bind">Adds the parameters.</param>
    /// <param name="read">Reads a row, and returns the number of its call, from 1, and what it says.</param>
    public RoundTrips<TCall, TResult> ShareWrites<TCall, TResult>(
        Func<TCall, string> keyOf, Func<PostgresCommands, TCall, bool> fits,
        Func<PostgresCommands, string> sql, Action<NpgsqlParameterCollection, PostgresCommands, IReadOnlyList<TCall>> bind,
        Func<NpgsqlDataReader, IReadOnlyList<TCall>, (long Number, Reply<TResult> Reply)> read) =>
        new(this, (trip, call) => SendAsync(trip, fits, sql, bind, read, default, call),
            static exception => exception is PostgresException error && PostgresFaults.IsNotDone(error), keyOf) { SharesAlways = _options.SharesAlways };

    Exception IRoundTripHost.Translate(string operation, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        _ when !PostgresFaults.IsFault(exception) => new InvalidOperationException("A shared round trip failed.", exception),
        _ when cancellationToken.IsCancellationRequested => Cancelled(exception, cancellationToken),
        _ => Failed(operation, exception),
    };

    void IRoundTripHost.LogTakenApart(Exception exception) => Log.RoundTripTakenApart(_logger, PostgresFaults.CodeOf(exception));

    private async Task<IReadOnlyList<Reply<TResult>>> SendAsync<TCall, TResult>(
        RoundTrips<TCall, TResult>.Trip trip, Func<PostgresCommands, TCall, bool>? fits, Func<PostgresCommands, string> sql,
        Action<NpgsqlParameterCollection, PostgresCommands, IReadOnlyList<TCall>> bind,
        Func<NpgsqlDataReader, IReadOnlyList<TCall>, (long Number, Reply<TResult> Reply)> read, Reply<TResult> none, Deadline.Call call)
    {
        var commands = await _setUp.CommandsAsync(call.Token).ConfigureAwait(false);
        var connection = await _pool.OpenAsync(call.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            call.ThrowIfAbandoned();
            var calls = trip.Depart(fits is null ? null : each => fits(commands, each));
            if (calls.Count == 0)
                return [];

            var command = new NpgsqlCommand(sql(commands), connection);
            await using (command.ConfigureAwait(false))
            {
                bind(command.Parameters, commands, calls);
                if (_setUp.Prepares)
                    await command.PrepareAsync(call.Token).ConfigureAwait(false);

                var replies = new Reply<TResult>[calls.Count];
                Array.Fill(replies, none);
                var reader = await command.ExecuteReaderAsync(call.Token).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(call.Token).ConfigureAwait(false))
                    {
                        var (number, reply) = read(reader, calls);
                        replies[number - 1] = reply;
                    }

                    // Rows come before the commit: only the end of the statement says that the writes are done.
                    while (await reader.NextResultAsync(call.Token).ConfigureAwait(false))
                    {
                    }

                    return replies;
                }
            }
        }
    }
}
