using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;

namespace SessionStores.Postgres;

/// <content>Expired sessions that are claimed.</content>
public sealed partial class PostgresStore
{
    /// <summary>The range of blocks at which the next claim begins, where no index leads to expired rows.</summary>
    private long _claimFrom;

    /// <inheritdoc/>
    /// <remarks>One statement where an index begins with expire; otherwise a walk through the table from where the last one stopped, 256 blocks a statement.</remarks>
    public async ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ExpiredSession.ThrowIfInvalid(size, lease);
        await PruneVoidAsync("ClaimExpired", ClearBatchSize, cancellationToken).ConfigureAwait(false);
        var blocks = await CountBlocksAsync("ClaimExpired", cancellationToken).ConfigureAwait(false);
        var claimed = new List<ExpiredSession>();
        if (blocks < 0)
        {
            await ClaimRangeAsync(claimed, size, lease, 0, cancellationToken).ConfigureAwait(false);
            return claimed;
        }

        // Once around, from where the last walk stopped.
        var ranges = (blocks + BlocksPerBatch - 1) / BlocksPerBatch;
        var first = Volatile.Read(ref _claimFrom);
        for (var step = 0; step < ranges && claimed.Count < size; step++)
        {
            var range = (first + step) % ranges;
            await ClaimRangeAsync(claimed, size - claimed.Count, lease, range * BlocksPerBatch, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _claimFrom, range);
        }

        return claimed;
    }

    /// <inheritdoc/>
    public async ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        if (sessions.Count == 0)
            return;

        await _connection.RunAsync("ConfirmExpired", sessions.Select(static session => session.Claim).ToArray(), static s => s.ConfirmExpired,
            static (p, _, claims) => p.Add(PostgresRecord.Texts(claims)), static (_, _) => true, cancellationToken).ConfigureAwait(false);
    }

    private async Task ClaimRangeAsync(List<ExpiredSession> claimed, int size, TimeSpan lease, long from, CancellationToken cancellationToken)
    {
        var rows = await _connection.RunAsync("ClaimExpired", new ClaimParameters(size, lease.TotalSeconds, $"({from},0)", $"({from + BlocksPerBatch},0)"), static async (connection, commands, state, token) =>
            (List<ClaimedRow>)[.. await connection.QueryAsync<ClaimedRow>(commands.ClaimExpired, state with { Token = token }).ConfigureAwait(false)], cancellationToken).ConfigureAwait(false);
        claimed.AddRange(rows.Select(SessionOf));
    }

    private static ExpiredSession SessionOf(ClaimedRow row)
    {
        using var content = JsonDocument.Parse(row.Content);
        var session = content.RootElement.GetProperty("session");
        var expiresAt = EpochTime.FromMilliseconds((long)Math.Ceiling(content.RootElement.GetProperty("expired").GetDouble() * 1000));
        string? key = null;
        var payload = session.ValueKind == JsonValueKind.Null ? default : ReservedMember.SplitKey(Encoding.UTF8.GetBytes(session.GetRawText()), out key);
        var record = new SessionRecord(
            content.RootElement.GetProperty("id").GetString()!, payload, expiresAt, TimeSpan.Zero, content.RootElement.GetProperty("subject").GetString(), default, key);
        return new ExpiredSession(record, int.Parse(row.Claim.Split(':')[1], CultureInfo.InvariantCulture), row.Claim);
    }

    internal sealed record ClaimParameters(int Size, double Lease, string From, string To) : QueryParameters;

    internal sealed record ClaimedRow(string Claim, byte[] Content);
}
