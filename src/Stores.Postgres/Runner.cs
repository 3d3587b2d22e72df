using System.Runtime.CompilerServices;
using System.Transactions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Runs one statement: connection, preparation, deadline, faults.</summary>
/// <param name="dataSource">Where connections come from.</param>
/// <param name="setUp">The table.</param>
/// <param name="timeout">After which time an operation ends.</param>
/// <param name="logger">Where failures are told.</param>
internal sealed class Runner(NpgsqlDataSource dataSource, SetUp setUp, TimeSpan timeout, ILogger logger)
{
    private const int MaxAttempts = 3;

    private readonly Calls _calls = new(logger);

    /// <summary>Runs a statement that answers at most one row.</summary>
    /// <param name="operation">The operation, for messages.</param>
    /// <param name="state">What <paramref name="bind"/> and <paramref name="read"/> need, so that they capture nothing.</param>
    /// <param name="sql">Picks the statement.</param>
    /// <param name="bind">Adds the parameters.</param>
    /// <param name="read">Reads the row; given null when there is none.</param>
    /// <param name="cancellationToken">Ends the wait at once; the server is told to stop.</param>
    public ValueTask<TResult> RunAsync<TState, TResult>(
        string operation,
        TState state,
        Func<Statements, string> sql,
        Action<NpgsqlParameterCollection, Statements, TState> bind,
        Func<NpgsqlDataReader?, TState, TResult> read,
        CancellationToken cancellationToken) =>
        RunAsync(operation, (this, state, sql, bind, read), static (s, call) => s.Item1.ExecuteAsync(s.state, s.sql, s.bind, s.read, call), cancellationToken);

    /// <summary>Runs work of any kind on one connection.</summary>
    public ValueTask<TResult> RunAsync<TState, TResult>(
        string operation, TState state, Func<NpgsqlConnection, Statements, TState, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken) =>
        RunAsync(operation, (this, state, work), static (s, call) => s.Item1.ConnectAsync(s.state, s.work, call), cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResult> RunAsync<TState, TResult>(
        string operation, TState state, Func<TState, Call, Task<TResult>> start, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = TimeProvider.System.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            // The application's own transaction must not take the session's writes with it when it rolls back.
            using var none = Transaction.Current is null ? null : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
            var call = _calls.Begin();
            var work = start(state, call);
            try
            {
                // The driver's time-outs add up (pool, connect, statement, cancellation), and its cancellation blocks until the server
                // answers: the caller waits for neither.
                var left = attempt == 1 ? timeout : timeout - TimeProvider.System.GetElapsedTime(started);
                return await work.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (attempt < MaxAttempts && IsRetriable(exception.SqlState))
            {
                // The server undid the statement as a whole, so it can be run again.
            }
            catch (Exception exception) when (PostgresFaults.IsFault(exception) && !cancellationToken.IsCancellationRequested)
            {
                var fault = PostgresFaults.Of(operation, exception);
                if (fault.Fault == SessionStoreFault.Misconfigured)
                    setUp.Forget();

                Log.OperationFailed(logger, operation, fault.Fault, (exception as PostgresException)?.SqlState ?? "none");
                throw fault;
            }
            catch (Exception exception) when (PostgresFaults.IsFault(exception))
            {
                throw new OperationCanceledException("The operation was cancelled; a write is either complete or absent.", exception, cancellationToken);
            }
            finally
            {
                _calls.End(call, work);
            }
        }
    }

    private async Task<TResult> ExecuteAsync<TState, TResult>(
        TState state,
        Func<Statements, string> sql,
        Action<NpgsqlParameterCollection, Statements, TState> bind,
        Func<NpgsqlDataReader?, TState, TResult> read,
        Call call)
    {
        var statements = await setUp.StatementsAsync(call.Token).ConfigureAwait(false);
        var connection = await dataSource.OpenConnectionAsync(call.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            call.ThrowIfAbandoned();
            var command = new NpgsqlCommand(sql(statements), connection);
            await using (command.ConfigureAwait(false))
            {
                bind(command.Parameters, statements, state);
                if (setUp.Prepares)
                    await command.PrepareAsync(call.Token).ConfigureAwait(false);

                var reader = await command.ExecuteReaderAsync(call.Token).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    var result = read(await reader.ReadAsync(call.Token).ConfigureAwait(false) ? reader : null, state);

                    // The row comes before the commit. Only the end of the statement says that the write is done; closing the reader
                    // would pass over a time-out there.
                    while (await reader.NextResultAsync(call.Token).ConfigureAwait(false))
                    {
                    }

                    return result;
                }
            }
        }
    }

    private async Task<TResult> ConnectAsync<TState, TResult>(
        TState state, Func<NpgsqlConnection, Statements, TState, CancellationToken, Task<TResult>> work, Call call)
    {
        var statements = await setUp.StatementsAsync(call.Token).ConfigureAwait(false);
        var connection = await dataSource.OpenConnectionAsync(call.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            call.ThrowIfAbandoned();
            return await work(connection, statements, state, call.Token).ConfigureAwait(false);
        }
    }

    private static bool IsRetriable(string sqlState) => sqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;
}
