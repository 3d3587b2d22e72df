using System.Runtime.CompilerServices;
using System.Transactions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>How a store reaches the server: connections, preparation, deadline, faults and their log.</summary>
internal sealed partial class PostgresConnection : IAsyncDisposable
{
    private const int MaxAttempts = 3;

    private readonly Pool _pool;
    private readonly PostgresStoreOptions _options;
    private readonly ILogger _logger;
    private readonly PostgresSetUp _setUp;
    private readonly Deadline _deadline;
    private volatile bool _isDisposed;

    /// <param name="dataSource">The data source of the application, which disposes it.</param>
    /// <param name="options">Options that are valid and no longer change.</param>
    /// <param name="logger">The logger.</param>
    public PostgresConnection(NpgsqlDataSource dataSource, PostgresStoreOptions options, ILogger logger)
        : this(new Pool(dataSource ?? throw new ArgumentNullException(nameof(dataSource))), options, logger) =>
        ThrowIfHasCredentials(options);

    /// <param name="connectionString">The connection string for a data source of the store's own.</param>
    /// <param name="options">Options that are valid and no longer change.</param>
    /// <param name="logger">The logger.</param>
    public PostgresConnection(string connectionString, PostgresStoreOptions options, ILogger logger)
        : this(new Pool(Settings(connectionString, options), options.Credentials), options, logger)
    {
    }

    private PostgresConnection(Pool pool, PostgresStoreOptions options, ILogger logger)
    {
        _pool = pool;
        _options = options;
        _logger = logger;
        _setUp = new PostgresSetUp(pool, options, logger);
        _deadline = new Deadline(options.OperationTimeout, exception => Log.CancellationFailed(logger, exception));
    }

    /// <summary>The servers and the database, without user and password.</summary>
    public string Place => _pool.Place;

    /// <summary>Checks a connection string without connecting.</summary>
    public static void ThrowIfInvalid(string connectionString, PostgresStoreOptions options) => Settings(connectionString, options);

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(PostgresStore));

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _pool.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Prepares the table. Every other call does this first by itself.</summary>
    public async ValueTask SetUpAsync(CancellationToken cancellationToken) =>
        await TranslateAsync(PostgresSetUp.Operation, _setUp.CommandsAsync, cancellationToken).ConfigureAwait(false);

    /// <summary>The SQL that would create what is missing.</summary>
    public ValueTask<string> ScriptAsync(CancellationToken cancellationToken) => TranslateAsync("Script", _setUp.ScriptAsync, cancellationToken);

    /// <summary>Runs a statement that returns at most one row.</summary>
    /// <param name="operation">The operation, for messages.</param>
    /// <param name="state">What <paramref name="bind"/> and <paramref name="read"/> need, so that they capture nothing.</param>
    /// <param name="sql">Selects the statement.</param>
    /// <param name="bind">Adds the parameters.</param>
    /// <param name="read">Reads the row, or null.</param>
    /// <param name="cancellationToken">Ends the wait at once; the server is told to stop.</param>
    /// <param name="started">When the operation began; null for now.</param>
    public ValueTask<TResult> RunAsync<TState, TResult>(
        string operation,
        TState state,
        Func<PostgresCommands, string> sql,
        Action<NpgsqlParameterCollection, PostgresCommands, TState> bind,
        Func<NpgsqlDataReader?, TState, TResult> read,
        CancellationToken cancellationToken,
        long? started = null) =>
        RunAsync(operation, false, (this, state, sql, bind, read), static (s, call) => s.Item1.ExecuteAsync(s.state, s.sql, s.bind, s.read, call), cancellationToken, started);

    /// <summary>As <see cref="RunAsync{TState, TResult}(string, TState, Func{PostgresCommands, string}, Action{NpgsqlParameterCollection, PostgresCommands, TState}, Func{NpgsqlDataReader?, TState, TResult}, CancellationToken, long?)"/>,
    /// for a statement that may run twice.</summary>
    public ValueTask<TResult> ReadAsync<TState, TResult>(
        string operation,
        TState state,
        Func<PostgresCommands, string> sql,
        Action<NpgsqlParameterCollection, PostgresCommands, TState> bind,
        Func<NpgsqlDataReader?, TState, TResult> read,
        CancellationToken cancellationToken,
        long? started = null) =>
        RunAsync(operation, true, (this, state, sql, bind, read), static (s, call) => s.Item1.ExecuteAsync(s.state, s.sql, s.bind, s.read, call), cancellationToken, started);

    /// <summary>Runs work of any kind on one connection.</summary>
    public ValueTask<TResult> RunAsync<TState, TResult>(
        string operation, TState state, Func<NpgsqlConnection, PostgresCommands, TState, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken) =>
        RunAsync(operation, false, (this, state, work), static (s, call) => s.Item1.ConnectAsync(s.state, s.work, call), cancellationToken);

    /// <summary>Runs work that may run twice on one connection.</summary>
    public ValueTask<TResult> ReadAsync<TState, TResult>(
        string operation, TState state, Func<NpgsqlConnection, PostgresCommands, TState, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken) =>
        RunAsync(operation, true, (this, state, work), static (s, call) => s.Item1.ConnectAsync(s.state, s.work, call), cancellationToken);

    /// <summary>The driver's time-outs add up (pool, connect, statement, cancellation), and its cancellation blocks until the server has taken
    /// the request: the caller waits for neither.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResult> RunAsync<TState, TResult>(
        string operation, bool isRead, TState state, Func<TState, Deadline.Call, Task<TResult>> start, CancellationToken cancellationToken, long? begun = null)
    {
        ThrowIfDisposed();
        var started = begun ?? _deadline.Start();
        for (var attempt = 1; ; attempt++)
        {
            // The application's own transaction must not take the session's writes with it when it rolls back.
            using var none = Transaction.Current is null ? null : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
            try
            {
                return await _deadline.RunAsync(state, start, started, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (attempt < MaxAttempts && PostgresFaults.IsUndone(exception))
            {
                // The server undid the statement as a whole, so it can be run again.
            }
            catch (PostgresException exception) when (attempt < MaxAttempts && PostgresFaults.IsOutdatedPlan(exception))
            {
                // The table was altered: it is inspected again, and no connection keeps statements from before.
                _setUp.Forget();
                _pool.Clear();
            }
            catch (NpgsqlException exception) when (attempt < MaxAttempts && PostgresFaults.IsDeadConnection(exception, isRead))
            {
                // The connections of the pool died while they were idle.
                _pool.Clear();
            }
            catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Misconfigured)
            {
                _setUp.Forget();
                throw;
            }
            catch (Exception exception) when (PostgresFaults.IsFault(exception) && !cancellationToken.IsCancellationRequested)
            {
                throw Failed(operation, exception);
            }
            catch (Exception exception) when (PostgresFaults.IsFault(exception))
            {
                throw Cancelled(exception, cancellationToken);
            }
        }
    }

    private async ValueTask<T> TranslateAsync<T>(string operation, Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        try
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgresFaults.IsFault(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw Failed(operation, exception);
        }
    }

    private static OperationCanceledException Cancelled(Exception exception, CancellationToken cancellationToken) =>
        new("The operation was cancelled; a write is either complete or absent.", exception, cancellationToken);

    private SessionStoreException Failed(string operation, Exception exception)
    {
        var limit = operation is PostgresSetUp.Operation or "Script" ? $"SetUpTimeout ({_options.SetUpTimeout:c})" : $"OperationTimeout ({_options.OperationTimeout:c})";
        var failure = PostgresFaults.Translate(operation, exception, limit);
        if (failure.Fault == SessionStoreFault.Misconfigured)
            _setUp.Forget();

        Log.OperationFailed(_logger, operation, failure.Fault, PostgresFaults.CodeOf(exception));
        return failure;
    }

    private async Task<TResult> ExecuteAsync<TState, TResult>(
        TState state,
        Func<PostgresCommands, string> sql,
        Action<NpgsqlParameterCollection, PostgresCommands, TState> bind,
        Func<NpgsqlDataReader?, TState, TResult> read,
        Deadline.Call call)
    {
        var commands = await _setUp.CommandsAsync(call.Token).ConfigureAwait(false);
        var connection = await _pool.OpenAsync(call.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            call.ThrowIfAbandoned();
            var command = new NpgsqlCommand(sql(commands), connection);
            await using (command.ConfigureAwait(false))
            {
                bind(command.Parameters, commands, state);
                if (_setUp.Prepares)
                    await command.PrepareAsync(call.Token).ConfigureAwait(false);

                var reader = await command.ExecuteReaderAsync(call.Token).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    var result = read(await reader.ReadAsync(call.Token).ConfigureAwait(false) ? reader : null, state);

                    // The row comes before the commit. Only the end of the statement says that the write is done; to close the reader would
                    // hide a time-out there.
                    while (await reader.NextResultAsync(call.Token).ConfigureAwait(false))
                    {
                    }

                    return result;
                }
            }
        }
    }

    private async Task<TResult> ConnectAsync<TState, TResult>(
        TState state, Func<NpgsqlConnection, PostgresCommands, TState, CancellationToken, Task<TResult>> work, Deadline.Call call)
    {
        var commands = await _setUp.CommandsAsync(call.Token).ConfigureAwait(false);
        var connection = await _pool.OpenAsync(call.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            call.ThrowIfAbandoned();
            return await work(connection, commands, state, call.Token).ConfigureAwait(false);
        }
    }
}
