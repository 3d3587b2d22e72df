using Npgsql;
using NpgsqlTypes;

namespace SessionStores.Postgres;

/// <content>Writes with a cap: two statements in one transaction and one round trip.</content>
public sealed partial class PostgresStore
{
    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        var creation = new Creation(id, Checked(id, content));
        return AdmitAsync("Create", creation.Content, static s => s.CreateOfSubject!, (p, s) =>
        {
            PostgresRecord.AddContent(p, s, "Create", creation.Id, creation.Content);
            AddCap(p, s, creation.Content, cap);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidVersion(version);
        SessionArguments.ThrowIfInvalidCap(content, cap);
        var replacement = new Replacement(id, version, Checked(id, content));
        return AdmitAsync("Replace", replacement.Content, static s => s.ReplaceOfSubject!, (p, s) =>
        {
            PostgresRecord.AddContent(p, s, "Replace", replacement.Id, replacement.Content, PostgresRecord.Text(replacement.Loaded));
            p.Add(PostgresRecord.Text(replacement.Loaded.Subject));
            AddCap(p, s, replacement.Content, cap);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Only when an expired record still holds the new id, it is removed first, in one more statement.</remarks>
    public async ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        var checkedContent = CheckedRotation(id, newId, version, content);
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return await RotateAsync(newId, () => TakenIfNotUniqueAsync(AdmitAsync("Rotate", checkedContent, static s => s.RotateOfSubject!, (p, s) =>
        {
            PostgresRecord.AddContent(p, s, "Rotate", id, checkedContent, PostgresRecord.Text(version), PostgresRecord.Text(newId));
            p.Add(PostgresRecord.Text(version.Subject));
            AddCap(p, s, checkedContent, cap);
        }, cancellationToken)), cancellationToken).ConfigureAwait(false);
    }

    private static void AddCap(NpgsqlParameterCollection parameters, PostgresCommands commands, in PostgresRecord.Content content, SessionCap cap)
    {
        parameters.Add(new NpgsqlParameter<int> { NpgsqlDbType = NpgsqlDbType.Integer, TypedValue = cap.Most });
        parameters.Add(new NpgsqlParameter<bool> { NpgsqlDbType = NpgsqlDbType.Boolean, TypedValue = cap.EndsOldest });
        PostgresRecord.AddKey(parameters, commands, content);
    }

    private ValueTask<SessionWriteResult> AdmitAsync(
        string operation, PostgresRecord.Content content, Func<PostgresCommands, string> sql, Action<NpgsqlParameterCollection, PostgresCommands> bind, CancellationToken cancellationToken) =>
        _connection.RunAsync(operation, (operation, content, sql, bind), static async (connection, commands, state, token) =>
        {
            ThrowIfNoSubject(commands, state.operation);
            var batch = new NpgsqlBatch(connection);
            await using (batch.ConfigureAwait(false))
            {
                var first = new NpgsqlBatchCommand(commands.LockSubject!);
                first.Parameters.Add(PostgresRecord.Text(state.content.Subject));
                var second = new NpgsqlBatchCommand(state.sql(commands));
                state.bind(second.Parameters, commands);
                batch.BatchCommands.Add(first);
                batch.BatchCommands.Add(second);

                var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await reader.NextResultAsync(token).ConfigureAwait(false);
                    var status = await reader.ReadAsync(token).ConfigureAwait(false) ? (SessionWriteStatus)reader.GetInt32(0) : SessionWriteStatus.Gone;

                    // Only the end of the batch says that it is committed.
                    while (await reader.NextResultAsync(token).ConfigureAwait(false))
                    {
                    }

                    return status == 0 ? SessionWriteResult.Written(state.content.Version) : SessionWriteResult.NotWritten(status);
                }
            }
        }, cancellationToken);
}
