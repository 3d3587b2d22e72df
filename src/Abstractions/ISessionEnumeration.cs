namespace SessionStores;

/// <summary>A store that can list, count and clear the sessions of its namespace (L13).</summary>
public interface ISessionEnumeration
{
    /// <summary>Streams the live sessions of this store's namespace in bounded memory and in no particular order.</summary>
    /// <remarks>A session that is there from the first to the last step is seen exactly once; one that comes or goes in the meantime is seen
    /// at most once. Records that cannot be read are skipped and logged.</remarks>
    /// <param name="withPayloads">False where only the rest is needed: then payloads are empty and versions <c>default</c>, and a server that can leave
    /// payloads out does not send them. Records that cannot be read may then be listed too.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default);

    /// <summary>Counts the live sessions of this store's namespace.</summary>
    ValueTask<long> LengthAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes every session of this store's namespace and nothing else.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken = default);
}
