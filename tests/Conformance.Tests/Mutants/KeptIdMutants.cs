using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Subject.Destroy_by_subject_can_keep_several")]
public sealed class KeepsTheFirstIdOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds.Take(1).ToHashSet());
}

[CaughtBy("Subject.Destroy_by_subject_can_keep_several")]
public sealed class KeepsNoneWhenOneIsNotThere(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds.All(KeysOf(table, subject).Contains) ? exceptIds : new HashSet<string>());
}

[CaughtBy("Subject.An_empty_list_of_ids_keeps_none")]
public sealed class TakesAnEmptyListForAll(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        exceptIds is { Count: 0 } ? 0 : await base.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
}

[CaughtBy("Subject.An_empty_list_of_ids_keeps_none")]
public sealed class RefusesAnEmptyList(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        exceptIds is { Count: 0 } ? throw new ArgumentException("There must be an id.", nameof(exceptIds)) : await base.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
}

[CaughtBy("Subject.Ids_to_keep_are_compared_ordinally")]
public sealed class KeepsIdsWithoutTheirCase(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, KeysOf(table, subject).Where(key => exceptIds.Contains(key, StringComparer.OrdinalIgnoreCase)).ToHashSet());
}

[CaughtBy("Subject.Ids_to_keep_are_compared_ordinally")]
public sealed class KeepsIdsThatBeginAlike(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) => base.DestroyBySubject(
        table, subject, KeysOf(table, subject).Where(key => exceptIds.Any(id => key.StartsWith(id, StringComparison.Ordinal))).ToHashSet());
}
