namespace SessionStores.Conformance.Tests.Reference;

public partial class ReferenceStore
{
    public virtual async ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        return await SendAsync("FindSuccessor", false, table => FindSuccessor(table, id), cancellationToken);
    }

    protected virtual SessionSuccessor? FindSuccessor(ReferenceTable table, string id)
    {
        var key = Key(id);
        var age = AgeOfLink(table, key);
        for (var rotations = 1; rotations <= MaxHops && LinkOf(table, key) is { } next; rotations++)
        {
            key = next;
            if (table.Rows.TryGetValue(key, out var row) && IsLive(row))
                return new SessionSuccessor(ToRecord(row), age, rotations);
        }

        return null;
    }

    /// <summary>How long ago an id was rotated.</summary>
    protected virtual TimeSpan AgeOfLink(ReferenceTable table, string key) => table.Links.TryGetValue(key, out var link) ? Now - (link.Until - LinkLife) : TimeSpan.Zero;

    /// <summary>What an id became by one rotation; null when it is not known, or no longer.</summary>
    protected virtual string? LinkOf(ReferenceTable table, string key) => table.Links.TryGetValue(key, out var link) && link.Until > Now ? link.Key : null;
}
