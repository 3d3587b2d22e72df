using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>What concerns many rows: enumeration, subjects, pruning. In pages and batches, each one statement.</summary>
internal sealed class ManyRecords(Runner runner, ILogger logger)
{
    private const int PageSize = 200;
    private const int ClearBatchSize = 5000;

    /// <summary>How many blocks of the table, of 8 KiB each, one statement of a pruner looks through.</summary>
    private const long BlocksPerBatch = 256;

    /// <summary>Streams the live sessions in the order of their ids, all or those of one subject.</summary>
    public async IAsyncEnumerable<SessionRecord> AllAsync(string? subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var operation = subject is null ? "All" : "ListBySubject";
        string? last = null;
        while (true)
        {
            var (rows, table) = await runner.RunAsync(operation, (last, subject, operation), PageAsync, cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (StoredRecord.IsObject(row.Payload))
                    yield return StoredRecord.Of(row.Id, row.Payload, row.Epoch, row.Subject);
                else
                    Log.RecordUnreadable(logger, table);
            }

            if (rows.Count < PageSize)
                yield break;

            last = rows[^1].Id;
        }
    }

    public ValueTask<long> LengthAsync(CancellationToken cancellationToken) =>
        runner.RunAsync("Length", 0, static (connection, statements, _, token) => connection.ExecuteScalarAsync<long>(Queries.Command(statements.Count, null, token)), cancellationToken);

    public ValueTask<long> DestroyBySubjectAsync(string subject, string? exceptId, CancellationToken cancellationToken) =>
        runner.RunAsync("DestroyBySubject", (subject, exceptId), static (connection, statements, state, token) =>
        {
            ThrowIfNoSubject(statements, "DestroyBySubject");
            return connection.ExecuteScalarAsync<long>(Queries.Command(
                statements.DestroyBySubject, new DynamicParameters().With("Subject", state.subject).With("ExceptId", state.exceptId), token));
        }, cancellationToken);

    /// <summary>Walks through the ids, and again when sessions moved behind the walk meanwhile.</summary>
    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var cleared = 0L;
            string? last = null;
            do
            {
                var batch = await runner.RunAsync("Clear", last, static (connection, statements, last, token) =>
                    connection.ReadOneAsync(Queries.Command(statements.ClearBatch, PageAfter(last, ClearBatchSize), token), ClearedBatch.Read), cancellationToken).ConfigureAwait(false);
                last = batch.LastId;
                cleared += batch.Count;
            }
            while (last is not null);

            if (cleared < ClearBatchSize)
                return;
        }
    }

    public async ValueTask<long> PruneAsync(int batchSize, CancellationToken cancellationToken)
    {
        var blocks = await runner.RunAsync("Prune", 0, static async (connection, statements, _, token) => statements.HasExpireIndex
            ? -1
            : await connection.ExecuteScalarAsync<long>(Queries.Command(statements.CountBlocks, null, token)).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

        var pruned = blocks < 0
            ? (await PruneRangeAsync(batchSize, null, cancellationToken).ConfigureAwait(false)).Count
            : await PruneBlocksAsync(batchSize, blocks, cancellationToken).ConfigureAwait(false);
        Log.Pruned(logger, pruned);
        return pruned;
    }

    /// <summary>Walks through the table, a range of blocks after the other.</summary>
    private async ValueTask<long> PruneBlocksAsync(int batchSize, long blocks, CancellationToken cancellationToken)
    {
        var pruned = 0L;
        for (var from = 0L; from < blocks; from += BlocksPerBatch)
        {
            var range = new BlockRange($"({from},0)", $"({from + BlocksPerBatch},0)");
            var step = await PruneRangeAsync(batchSize, range, cancellationToken).ConfigureAwait(false);
            pruned += step.Count;
            if (!step.Mine)
                break;
        }

        return pruned;
    }

    private async ValueTask<PrunedBatch> PruneRangeAsync(int batchSize, BlockRange? range, CancellationToken cancellationToken)
    {
        var pruned = 0L;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = await runner.RunAsync("Prune", (batchSize, range), static (connection, statements, state, token) =>
            {
                var parameters = new DynamicParameters().With("Size", state.batchSize);
                var sql = statements.PruneByIndex;
                if (state.range is { } range)
                {
                    parameters.With("From", range.From).With("To", range.To);
                    sql = statements.PruneByBlocks;
                }

                return connection.ReadOneAsync(Queries.Command(sql, parameters, token), PrunedBatch.Read);
            }, cancellationToken).ConfigureAwait(false);
            pruned += batch.Count;
            if (!batch.Mine || batch.Count < batchSize)
                return new PrunedBatch(batch.Mine, pruned);
        }
    }

    private async Task<(List<Row> Rows, string Table)> PageAsync(
        NpgsqlConnection connection, Statements statements, (string? Last, string? Subject, string Operation) page, CancellationToken cancellationToken)
    {
        if (page.Subject is not null)
            ThrowIfNoSubject(statements, page.Operation);

        var command = page.Subject is null
            ? Queries.Command(statements.Page, PageAfter(page.Last, PageSize), cancellationToken)
            : Queries.Command(statements.SubjectPage, PageAfter(page.Last, PageSize).With("Subject", page.Subject), cancellationToken);
        return (await connection.ReadAllAsync(command, Row.Read).ConfigureAwait(false), statements.TableName);
    }

    private static DynamicParameters PageAfter(string? last, int size) => new DynamicParameters().With("Last", last).With("Size", size);

    private static void ThrowIfNoSubject(Statements statements, string operation)
    {
        if (!statements.HasSubject)
            throw PostgresFaults.Misconfigured(operation, $"The table {statements.TableName} lacks the column subject.");
    }

    private sealed record BlockRange(string From, string To);

    private sealed record Row(string Id, byte[] Payload, double Epoch, string? Subject)
    {
        public static Row Read(DbDataReader row) => new(row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetDouble(2), row.TextOrNull(3));
    }

    private sealed record ClearedBatch(string? LastId, long Count)
    {
        public static ClearedBatch Read(DbDataReader row) => new(row.TextOrNull(0), row.GetInt64(1));
    }

    private sealed record PrunedBatch(bool Mine, long Count)
    {
        public static PrunedBatch Read(DbDataReader row) => new(row.GetBoolean(0), row.GetInt64(1));
    }
}
