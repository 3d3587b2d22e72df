using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>What concerns many rows: enumeration, pruning. In pages and batches, each one statement.</summary>
public sealed partial class PostgresStore
{
    private const int PageSize = 200;
    private const int ClearBatchSize = 5000;

    /// <summary>How many blocks of the table, of 8 KiB each, one statement of a pruner reads.</summary>
    private const long BlocksPerBatch = 256;

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        _connection.ThrowIfDisposed();
        return StreamAsync(withPayloads, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        _connection.ReadAsync("Length", 0, static (connection, commands, _, token) =>
            connection.ExecuteScalarAsync<long>(commands.Count, new NoParameters { Token = token }), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Removes every row of the table, in batches: walks through the ids, and again when sessions were added behind the walk.</remarks>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var cleared = 0L;
            string? last = null;
            do
            {
                var batch = await _connection.RunAsync("Clear", last, static (connection, commands, last, token) =>
                    connection.QuerySingleAsync<ClearedBatch>(commands.ClearBatch, new PageParameters(last, ClearBatchSize) { Token = token }), cancellationToken).ConfigureAwait(false);
                last = batch.LastId;
                cleared += batch.Count;
            }
            while (last is not null);

            if (cleared < ClearBatchSize)
                return;
        }
    }

    /// <inheritdoc/>
    /// <remarks>One pruner at a time in a fleet: a call that meets another at work leaves the rest to it.</remarks>
    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        if (batchSize is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be 1 to 100,000.");

        var blocks = await CountBlocksAsync("Prune", cancellationToken).ConfigureAwait(false);

        var pruned = blocks < 0
            ? (await PruneRangeAsync(batchSize, null, cancellationToken).ConfigureAwait(false)).Sessions
            : await PruneBlocksAsync(batchSize, blocks, cancellationToken).ConfigureAwait(false);
        pruned += await PruneVoidAsync("Prune", batchSize, cancellationToken).ConfigureAwait(false);
        Log.Pruned(_logger, pruned);
        return pruned;
    }

    /// <summary>Streams the live sessions in the order of their ids.</summary>
    private async IAsyncEnumerable<SessionRecord> StreamAsync(bool withPayloads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        List<PostgresRecord> page;
        do
        {
            page = await ReadPageAsync("All", static s => s.Page, new PageParameters(last, PageSize, null, withPayloads), cancellationToken).ConfigureAwait(false);
            foreach (var record in SessionsOf(page, withPayloads))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }

            last = page.LastOrDefault()?.Id;
        }
        while (page.Count == PageSize);
    }

    private ValueTask<List<PostgresRecord>> ReadPageAsync(string operation, Func<PostgresCommands, string> sql, PageParameters page, CancellationToken cancellationToken) =>
        _connection.ReadAsync(operation, (operation, sql, page), static async (connection, commands, state, token) =>
        {
            if (state.page.Subject is not null)
                ThrowIfNoSubject(commands, state.operation);

            var rows = await connection.QueryAsync<PostgresRecord>(state.sql(commands), state.page with { Token = token }).ConfigureAwait(false);
            return (List<PostgresRecord>)[.. rows];
        }, cancellationToken);

    private List<SessionRecord> SessionsOf(IEnumerable<PostgresRecord> rows, bool withPayloads)
    {
        var records = new List<SessionRecord>();
        var unreadable = 0;
        foreach (var row in rows)
        {
            if ((withPayloads ? row.ToSession(_options.MaxPayloadBytes) : row.ToSessionWithoutPayload()) is { } record)
                records.Add(record);
            else
                unreadable++;
        }

        if (unreadable > 0)
            Log.UnreadableSkipped(_logger, unreadable);

        return records;
    }

    /// <summary>Counts the blocks of the table; -1 where an index leads to expired rows.</summary>
    private ValueTask<long> CountBlocksAsync(string operation, CancellationToken cancellationToken) =>
        _connection.ReadAsync(operation, 0, static async (connection, commands, _, token) => commands.HasExpireIndex
            ? -1
            : await connection.ExecuteScalarAsync<long>(commands.CountBlocks, new NoParameters { Token = token }).ConfigureAwait(false), cancellationToken);

    /// <summary>Walks through the table, one range of blocks after the other.</summary>
    private async ValueTask<long> PruneBlocksAsync(int batchSize, long blocks, CancellationToken cancellationToken)
    {
        var pruned = 0L;
        for (var from = 0L; from < blocks; from += BlocksPerBatch)
        {
            var step = await PruneRangeAsync(batchSize, from, cancellationToken).ConfigureAwait(false);
            pruned += step.Sessions;
            if (!step.Mine)
                break;
        }

        return pruned;
    }

    /// <param name="batchSize">The most rows that one statement removes.</param>
    /// <param name="from">The first block; null to prune by the index.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    private async ValueTask<PrunedBatch> PruneRangeAsync(int batchSize, long? from, CancellationToken cancellationToken)
    {
        var (removed, pruned) = (0L, 0L);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = await _connection.RunAsync("Prune", (batchSize, from), static (connection, commands, state, token) => connection.QuerySingleAsync<PrunedBatch>(
                state.from is null ? commands.PruneByIndex : commands.PruneByBlocks,
                new PruneParameters(state.batchSize, $"({state.from},0)", $"({state.from + BlocksPerBatch},0)") { Token = token }), cancellationToken).ConfigureAwait(false);
            removed += batch.Removed;
            pruned += batch.Sessions;
            if (!batch.Mine || batch.Removed < batchSize)
                return new PrunedBatch(batch.Mine, removed, pruned);
        }
    }

    private static void ThrowIfNoSubject(PostgresCommands commands, string operation)
    {
        if (!commands.HasSubject)
            throw PostgresFaults.Misconfigured(operation, $"The table {commands.Table} lacks the column subject.");
    }

    internal sealed record NoParameters : QueryParameters;

    /// <param name="Last">The last id of the page before; null for the first page.</param>
    /// <param name="Size">The most rows.</param>
    /// <param name="Subject">The subject or key, for its page.</param>
    /// <param name="Payloads">Whether payloads are sent.</param>
    internal sealed record PageParameters(string? Last, int Size, string? Subject = null, bool Payloads = true) : QueryParameters;

    internal sealed record SubjectParameters(string Subject) : QueryParameters;

    internal sealed record PruneParameters(int Size, string From, string To) : QueryParameters;

    internal sealed record ClearedBatch(string? LastId, long Count);

    /// <param name="Mine">Whether no other pruner was at work.</param>
    /// <param name="Removed">How many rows were removed.</param>
    /// <param name="Sessions">How many of them were sessions; the others were links of rotations.</param>
    internal sealed record PrunedBatch(bool Mine, long Removed, long Sessions);
}
