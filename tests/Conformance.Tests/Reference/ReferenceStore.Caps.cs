namespace SessionStores.Conformance.Tests.Reference;

public partial class ReferenceStore : ISessionCaps
{
    /// <summary>The instant at which a session joins now.</summary>
    protected virtual DateTimeOffset JoinNow => Now;

    public virtual async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckContent(content);
        CheckCap(content, cap);
        return await SendAsync("Create", true, table => Create(table, id, content, cap), cancellationToken);
    }

    public virtual async ValueTask<SessionWriteResult> ReplaceAsync(
        string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckVersion(version);
        CheckContent(content);
        CheckCap(content, cap);
        return await SendAsync("Replace", true, table => Replace(table, id, version, content, cap), cancellationToken);
    }

    public virtual async ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckId(newId);
        CheckVersion(version);
        CheckContent(content);
        CheckCap(content, cap);
        CheckDiffer(id, newId);
        return await SendAsync("Rotate", true, table => Rotate(table, id, newId, version, content, cap), cancellationToken);
    }

    protected virtual void CheckCap(SessionContent content, SessionCap cap) => SessionArguments.ThrowIfInvalidCap(content, cap);

    protected virtual SessionWriteResult Create(ReferenceTable table, string id, SessionContent content, SessionCap cap) =>
        Find(table, id) is null ? Write(table, null, content, cap, () => Create(table, id, content)) : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

    protected virtual SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content, SessionCap cap) =>
        Find(table, id) is { } row && (version.IsAny || VersionOf(row) == version)
            ? Write(table, row, content, cap, () => Replace(table, id, version, content))
            : Replace(table, id, version, content);

    protected virtual SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content, SessionCap cap) =>
        Find(table, id) is { } row && (version.IsAny || VersionOf(row) == version) && Find(table, newId) is null
            ? Write(table, row, content, cap, () => Rotate(table, id, newId, version, content))
            : Rotate(table, id, newId, version, content);

    /// <summary>Writes what nothing but the cap can prevent.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">The session that is written over; null for a new one.</param>
    /// <param name="content">The content.</param>
    /// <param name="cap">The cap.</param>
    /// <param name="write">Writes.</param>
    protected virtual SessionWriteResult Write(ReferenceTable table, ReferenceRow? row, SessionContent content, SessionCap cap, Func<SessionWriteResult> write)
    {
        var members = MembersOf(table, content.Subject!);
        if (IsMember(row, content) || members.Count < cap.Most)
            return write();

        if (!cap.EndsOldest)
            return Refused(table, content, write);

        foreach (var oldest in InOrder(members).Take(TooMany(members.Count, cap)))
            Remove(table, Key(oldest.Id));

        return write();
    }

    protected virtual List<ReferenceRow> MembersOf(ReferenceTable table, string subject) => [.. KeysOf(table, subject).Select(key => table.Rows[key]).Where(IsLive)];

    protected virtual bool IsMember(ReferenceRow? row, SessionContent content) => row?.Subject == content.Subject;

    protected virtual SessionWriteResult Refused(ReferenceTable table, SessionContent content, Func<SessionWriteResult> write) => SessionWriteResult.NotWritten(SessionWriteStatus.Full);

    protected virtual IEnumerable<ReferenceRow> InOrder(List<ReferenceRow> members) => members.OrderBy(row => row.JoinedAt).ThenBy(row => row.Id, StringComparer.Ordinal);

    protected virtual int TooMany(int members, SessionCap cap) => members - cap.Most + 1;

    protected virtual bool KeepsItsPlace(ReferenceRow old, SessionContent content) => old.Subject == content.Subject;

    protected virtual DateTimeOffset JoinedAfterRotation(ReferenceRow old, ReferenceRow rotated) => old.JoinedAt;
}
