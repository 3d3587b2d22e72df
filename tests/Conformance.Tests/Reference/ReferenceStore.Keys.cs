namespace SessionStores.Conformance.Tests.Reference;

public partial class ReferenceStore : ISessionKeys
{
    public virtual async ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        CheckPage(size);
        var position = PositionOf(NameOfKey(key), continuation);
        return await SendAsync("ListByKey", false, table => PageByKey(table, key, size, position, withPayloads), cancellationToken);
    }

    public virtual async ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        return await SendAsync("CountByKey", false, table => CountByKey(table, key), cancellationToken);
    }

    public virtual async ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        var kept = SessionArguments.DistinctIds(exceptIds);
        return await SendAsync("DestroyByKey", true, table => DestroyByKey(table, key, kept), cancellationToken);
    }

    /// <summary>The name of a key in the index, which no subject has.</summary>
    protected virtual string NameOfKey(string key) => "\u0002" + key;

    /// <summary>The key that is stored.</summary>
    /// <param name="old">The session that is written over; null for none.</param>
    /// <param name="content">The content.</param>
    protected virtual string? KeyOf(ReferenceRow? old, SessionContent content) => content.Key;

    protected virtual SessionPage PageByKey(ReferenceTable table, string key, int size, string? position, bool withPayloads) =>
        Page(table, NameOfKey(key), size, position, withPayloads);

    protected virtual long CountByKey(ReferenceTable table, string key) => CountBySubject(table, NameOfKey(key));

    protected virtual long DestroyByKey(ReferenceTable table, string key, IReadOnlySet<string> exceptIds) => DestroyBySubject(table, NameOfKey(key), exceptIds);
}
