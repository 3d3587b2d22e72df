namespace SessionStores.Postgres;

/// <content>What a rotated id became.</content>
public sealed partial class PostgresStore
{
    /// <inheritdoc/>
    /// <remarks>A statement and a read for each rotation.</remarks>
    public ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return Successors.FindAsync(id, FindLinkAsync, (current, token) => GetAsync(current, null, token), cancellationToken);
    }

    private ValueTask<(string NewId, TimeSpan Left)?> FindLinkAsync(string id, CancellationToken cancellationToken) =>
        _connection.ReadAsync<string, (string NewId, TimeSpan Left)?>("FindSuccessor", id, static s => s.FindLink, static (p, _, id) => p.Add(PostgresRecord.Text(id)),
            static (row, _) => row is null ? null : (row.GetString(0), TimeSpan.FromSeconds(row.GetDouble(1))), cancellationToken);
}
