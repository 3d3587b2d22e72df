namespace SessionStores;

/// <summary>A store whose expired records have to be removed by pruning (L15).</summary>
public interface ISessionPruning
{
    /// <summary>Whether the store, or its server, already does this by itself; a host then need not call it. False unless the store
    /// says otherwise.</summary>
    bool PrunesItself => false;

    /// <summary>Removes expired records, and what is left of them in indexes, in batches of at most <paramref name="batchSize"/>.</summary>
    /// <remarks>Never removes a live record and does not block readers. Many nodes may call it at once.</remarks>
    /// <param name="batchSize">The largest number of records removed in one step: 1 to 100,000.</param>
    /// <param name="cancellationToken">Ends the call between two batches.</param>
    /// <returns>How many records this call removed.</returns>
    ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default);
}
