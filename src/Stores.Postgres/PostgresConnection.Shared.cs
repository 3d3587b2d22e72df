using Npgsql;

namespace SessionStores.Postgres;

/// <remarks>Round trips that calls share (decision 24).</remarks>
internal sealed partial class PostgresConnection
{
    /// <summary>How many shared round trips of one kind are under way before calls gather. Two keep one connection busy while the calls of the
    /// other are prepared.</summary>
    private const int Lanes = 2;

    /// <summary>The most calls of one round trip. More cost the server no less for each.</summary>
    private const int MaxCalls = 64;

    /// <summary>The start of an operation that may share a round trip.</summary>
    public long Start(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        return _deadline.Start();
    }

    /// <summary>Creates round trips that read.</summary>
    /// <param name="sql">Selects the statement.</param>
    /// <param name="bind">Adds the parameters.</param>
    /// <param name="read">Reads a row, and returns the number of its call, from 1, and what it says.</param>
    /// <param name="none">The reply to a call for which there was no row.</param>
    public RoundTrips<TCall, TResult> ShareReads<TCall, TResult>(
        Func<PostgresCommands, string> sql, Action<NpgsqlParameterCollection, PostgresCommands, IReadOnlyList<TCall>> bind,
        Func<NpgsqlDataReader, IReadOnlyList<TCall>, (long Number, Reply<TResult> Reply)> read, Reply<TResult> none) =>
        new(Lanes, MaxCalls, async trip =>
        {
            try
            {
                return await SendAsync(trip, null, sql, bind, read, none).ConfigureAwait(false);
            }
            catch (Exception exception) when (PostgresFaults.IsFault(exception) || exception is SessionStoreException or ObjectDisposedException)
            {
                return TakenApart<TResult>(exception); // reads may run twice
            }
        }) { SharesAlways = _options.SharesAlways };

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
        new(Lanes, MaxCalls, async trip =>
        {
            try
            {
                return await SendAsync(trip, fits, sql, bind, read, default).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (PostgresFaults.IsNotDone(exception))
            {
                return TakenApart<TResult>(exception);
            }
        }, keyOf) { SharesAlways = _options.SharesAlways };

    /// <summary>Waits for the reply of a shared round trip; for none if the call has a lane of its own.</summary>
    public ValueTask<Reply<TResult>> WaitAsync<TCall, TResult>(
        string operation, in RoundTrips<TCall, TResult>.Entry entry, long started, CancellationToken cancellationToken) =>
        entry.IsAlone ? default : WaitForOthersAsync(operation, entry, started, cancellationToken);

    private async ValueTask<Reply<TResult>> WaitForOthersAsync<TCall, TResult>(
        string operation, RoundTrips<TCall, TResult>.Entry entry, long started, CancellationToken cancellationToken)
    {
        try
        {
            return await entry.WaitAsync(_deadline, started, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            ThrowIfDisposed();
            throw;
        }
        catch (RoundTripException exception) when (PostgresFaults.IsFault(exception.InnerException!))
        {
            throw cancellationToken.IsCancellationRequested ? Cancelled(exception, cancellationToken) : Failed(operation, exception.InnerException!);
        }
        catch (TimeoutException exception)
        {
            throw cancellationToken.IsCancellationRequested ? Cancelled(exception, cancellationToken) : Failed(operation, exception);
        }
    }

    private Task<IReadOnlyList<Reply<TResult>>> SendAsync<TCall, TResult>(
        RoundTrips<TCall, TResult>.Trip trip, Func<PostgresCommands, TCall, bool>? fits, Func<PostgresCommands, string> sql,
        Action<NpgsqlParameterCollection, PostgresCommands, IReadOnlyList<TCall>> bind,
        Func<NpgsqlDataReader, IReadOnlyList<TCall>, (long Number, Reply<TResult> Reply)> read, Reply<TResult> none) =>
        _deadline.RunAsync((this, trip, fits, sql, bind, read, none), static async (s, call) =>
        {
            var (self, trip, fits, sql, bind, read, none) = s;
            var commands = await self._setUp.CommandsAsync(call.Token).ConfigureAwait(false);
            var connection = await self._pool.OpenAsync(call.Token).ConfigureAwait(false);
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
                    if (self._setUp.Prepares)
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

                        return (IReadOnlyList<Reply<TResult>>)replies;
                    }
                }
            }
        }, _deadline.Start(), CancellationToken.None).AsTask();

    /// <summary>Nothing was done: each caller sends its call by itself, and so has its own repetitions and faults.</summary>
    private IReadOnlyList<Reply<TResult>> TakenApart<TResult>(Exception exception)
    {
        Log.RoundTripTakenApart(_logger, PostgresFaults.CodeOf(exception));
        return [];
    }
}
