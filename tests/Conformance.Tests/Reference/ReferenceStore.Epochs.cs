namespace SessionStores.Conformance.Tests.Reference;

public partial class ReferenceStore : ISessionEpochs
{
    /// <summary>The instant of an epoch that is set now.</summary>
    protected virtual DateTimeOffset EpochNow => Now;

    public virtual async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        CheckEpoch(subject);
        await SendAsync("VoidBySubject", true, table => Void(table, subject), cancellationToken);
    }

    protected virtual void CheckEpoch(string subject) => SessionArguments.ThrowIfInvalidSubject(subject);

    protected virtual bool Void(ReferenceTable table, string subject)
    {
        table.Epochs[EpochKey(subject)] = EpochNow;
        return true;
    }

    protected virtual string EpochKey(string subject) => SubjectKey(subject);

    protected virtual bool IsVoid(ReferenceRow row) => row.Subject is not null && EpochOf(row) is { } epoch && row.JoinedAt <= epoch;

    protected virtual DateTimeOffset? EpochOf(ReferenceRow row) =>
        row.Table is { } table && table.Epochs.TryGetValue(EpochKey(row.Subject!), out var epoch) ? epoch : null;

    /// <summary>Forgets the epochs of which no void session is left.</summary>
    protected virtual void PruneEpochs(ReferenceTable table)
    {
        var needed = table.Rows.Values.Where(IsVoid).Select(row => EpochKey(row.Subject!)).ToHashSet(StringComparer.Ordinal);
        foreach (var key in table.Epochs.Keys.Except(needed).ToList())
            table.Epochs.Remove(key);
    }
}
