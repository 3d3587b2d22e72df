using Dapper;

namespace SessionStores.Postgres;

/// <content>The end of all sessions of a subject.</content>
public sealed partial class PostgresStore
{
    /// <inheritdoc/>
    /// <remarks><see cref="ISessionEpochs"/> only with <see cref="PostgresStoreOptions.Epochs"/>, and <see cref="ISessionKeys"/> only with <see cref="PostgresStoreOptions.Keys"/>.</remarks>
    TCapability? ISessionStore.GetCapability<TCapability>()
        where TCapability : class =>
        (typeof(TCapability) == typeof(ISessionEpochs) && !_options.Epochs) || (typeof(TCapability) == typeof(ISessionKeys) && !_options.Keys) ? null : this as TCapability;

    /// <inheritdoc/>
    /// <remarks>One statement, which writes one row.</remarks>
    /// <exception cref="NotSupportedException"><see cref="PostgresStoreOptions.Epochs"/> is false.</exception>
    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        if (!_options.Epochs)
            throw new NotSupportedException("This store has no epochs, since the option Epochs is false. Set it to true at all nodes.");

        await _connection.RunAsync("VoidBySubject", subject, static s => s.VoidSubject!,
            static (p, _, subject) => p.Add(PostgresRecord.Text(subject)), static (_, _) => true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes void sessions, where the store has epochs.</summary>
    private async ValueTask<long> PruneVoidAsync(string operation, int batchSize, CancellationToken cancellationToken)
    {
        if (!_options.Epochs)
            return 0;

        var pruned = 0L;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = await _connection.RunAsync(operation, batchSize, static (connection, commands, batchSize, token) =>
                connection.ExecuteScalarAsync<long>(commands.PruneSubjects!, new SizeParameters(batchSize) { Token = token }), cancellationToken).ConfigureAwait(false);
            pruned += batch;
            if (batch < batchSize)
                return pruned;
        }
    }

    internal sealed record SizeParameters(int Size) : QueryParameters;
}
