using StackExchange.Redis;

namespace SessionStores.Redis;

/// <remarks>
/// <para>A log-in that may be refused takes a place beside the index of its subject, and sees those before it in the same step; then it counts the live sessions. A
/// log-in that was admitted before still has its place or has written its record, so that one of the two is counted. A place that a process leaves behind ends by itself.</para>
/// <para>A log-in that ends the oldest writes its record first, and then ends those before the newest ones. Each does so after its own write, so the last of them
/// sees all others, and as many as allowed remain; for a moment there are more.</para>
/// </remarks>
internal sealed partial class RedisCluster
{
    /// <summary>The most calls that follow on a place, one after the other.</summary>
    private const int CallsOfAnAdmission = 16;

    private static readonly TimeSpan ShortestPlace = TimeSpan.FromMinutes(1);

    private async ValueTask<SessionWriteStatus> AdmitAsync(RedisWrite write, string? newId, SessionCap cap, CancellationToken cancellationToken)
    {
        var isNew = write.Script == RedisCommands.Create;
        if (!isNew)
        {
            // What is gone or was changed is told by the write, and a session that is the subject's already has its place.
            var held = await read(write.Operation, write.Id, cancellationToken).ConfigureAwait(false);
            if (held is null || held.Subject == write.Subject || !(write.Expected.IsNullOrEmpty || write.Expected == (RedisValue)held.Version.Content))
                return await WriteAnyAsync(write, newId, cancellationToken).ConfigureAwait(false);
        }

        if (cap.EndsOldest)
        {
            var status = await WriteAnyAsync(write, newId, cancellationToken).ConfigureAwait(false);
            if (status == SessionWriteStatus.Written)
                await AfterWriteAsync(EndOldestAsync(write.Operation, write.Subject!, cap.Most)).ConfigureAwait(false);

            return status;
        }

        var own = newId ?? write.Id;
        RedisKey places = BesideIndexOf(write.Subject!, "\u0002");
        var milliseconds = Math.Max(ShortestPlace.TotalMilliseconds, CallsOfAnAdmission * options.OperationTimeout.TotalMilliseconds);
        var others = (string[])(await connection.EvaluateAsync(write.Operation, ClusterCommands.TakePlace, [places], [own, (long)milliseconds], cancellationToken, writes: true).ConfigureAwait(false))!;
        var members = await MembersAsync(write.Operation, write.Subject!, cancellationToken).ConfigureAwait(false);
        var outcome = others.Union(members).Count(id => id != own && id != write.Id) < cap.Most
            ? await WriteAnyAsync(write, newId, cancellationToken).ConfigureAwait(false)
            : (isNew || newId is not null) && await read(write.Operation, own, cancellationToken).ConfigureAwait(false) is not null
                ? SessionWriteStatus.Taken
                : SessionWriteStatus.Full;
        await AfterWriteAsync(connection.ExecuteAsync(write.Operation, "ZREM", [places, own], CancellationToken.None)).ConfigureAwait(false);
        return outcome;
    }

    private ValueTask<SessionWriteStatus> WriteAnyAsync(RedisWrite write, string? newId, CancellationToken cancellationToken) =>
        newId is null ? WriteFreelyAsync(write, cancellationToken) : RotateFreelyAsync(write, newId, cancellationToken);

    /// <summary>Ends all sessions of a subject but the newest. Once the new one is written, a cancellation would leave too many.</summary>
    private async ValueTask<bool> EndOldestAsync(string operation, string subject, int most)
    {
        foreach (var id in (await MembersAsync(operation, subject, CancellationToken.None).ConfigureAwait(false)).Skip(most))
            await destroy(this, subject, id, CancellationToken.None).ConfigureAwait(false);

        return true;
    }

    /// <summary>The ids of the live sessions of a subject, the one that joined last first. Those whose instant is not known are the last.</summary>
    private async Task<List<string>> MembersAsync(string operation, string subject, CancellationToken cancellationToken)
    {
        var entries = (string[])(await connection.ExecuteAsync(operation, "ZRANGE", [records.IndexOf(subject), "0", "-1"], cancellationToken).ConfigureAwait(false))!;
        var order = ((string[])(await connection.ExecuteAsync(operation, "ZRANGE", [JoinedOf(subject), "0", "-1"], cancellationToken).ConfigureAwait(false))!)
            .Index().ToDictionary(static entry => entry.Item, static entry => entry.Index + 1, StringComparer.Ordinal);
        var found = await Task.WhenAll(entries.Select(id => read(operation, id, cancellationToken))).ConfigureAwait(false);
        return [.. found.OfType<SessionRecord>().Where(record => record.Subject == subject)
            .OrderByDescending(record => order.GetValueOrDefault(record.Id)).ThenByDescending(static record => record.Id, StringComparer.Ordinal)
            .Select(static record => record.Id)];
    }
}
