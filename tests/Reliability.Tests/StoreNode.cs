using System.Text;
using System.Text.Json;
using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>A node that calls its store directly.</summary>
internal sealed class StoreNode(ISessionStore store, Func<OperationKind, bool> isCalled) : INode
{
    private static readonly OperationKind[] AllKinds =
    [
        OperationKind.Get, OperationKind.Get, OperationKind.Get, OperationKind.Slide, OperationKind.Create, OperationKind.Create,
        OperationKind.Replace, OperationKind.Replace, OperationKind.Replace, OperationKind.Touch, OperationKind.Destroy, OperationKind.End,
        OperationKind.Rotate, OperationKind.Rotate,
    ];

    public IReadOnlyList<OperationKind> Kinds { get; } = [.. AllKinds.Where(isCalled)];

    public bool IsSite => false;

    public async Task<HistoryOperation?> CallAsync(Group group, HistoryOperation operation)
    {
        try
        {
            return operation with { Result = await CallStoreAsync(group, operation) };
        }
        catch (SessionStoreException exception)
        {
            // A read counts as no write; where it extends a session, that may have been done.
            return operation.Kind == OperationKind.Slide || exception.MayHaveWritten ? operation : null;
        }
    }

    public async Task<bool> WorksAsync(Group group, string id)
    {
        try
        {
            await store.GetAsync(group.IdOf(id));
            await store.SetAsync(group.IdOf("probe"), ContentOf(group, "probe", 0));
            return true;
        }
        catch (SessionStoreException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)store).DisposeAsync();

    private static SessionContent ContentOf(Group group, string mark, int minutes) =>
        new(Encoding.UTF8.GetBytes($$"""{"mark":"{{mark}}"}"""), group.Start.AddMinutes(minutes), group.Subject);

    private async Task<HistoryResult> CallStoreAsync(Group group, HistoryOperation operation)
    {
        var id = operation.Id == Group.Everywhere ? "" : group.IdOf(operation.Id);
        var expiresAt = group.Start.AddMinutes(operation.Minutes);
        var content = ContentOf(group, operation.To!, operation.Minutes);
        switch (operation.Kind)
        {
            case OperationKind.Get:
                return Saw(group, await store.GetAsync(id));
            case OperationKind.Slide:
                return Saw(group, await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(3650), expiresAt)));
            case OperationKind.Create:
                return Wrote(group, operation, await store.CreateAsync(id, content));
            case OperationKind.Replace:
                return Wrote(group, operation, await store.ReplaceAsync(id, group.Versions[operation.From!], content));
            case OperationKind.Touch:
                return HistoryResult.Of(await store.TouchAsync(id, expiresAt));
            case OperationKind.Destroy:
                return HistoryResult.Of(await store.DestroyAsync(id));
            case OperationKind.End:
                await store.GetCapability<ISessionSubjects>()!.DestroyBySubjectAsync(group.Subject);
                return HistoryResult.Done;
            default:
                var version = operation.From is null ? SessionVersion.Any : group.Versions[operation.From];
                return Wrote(group, operation, await store.RotateAsync(id, group.IdOf(operation.NewId!), version, content));
        }
    }

    private static HistoryResult Saw(Group group, SessionRecord? record)
    {
        if (record is null)
            return HistoryResult.Null;

        using var document = JsonDocument.Parse(record.Payload);
        var mark = document.RootElement.GetProperty("mark").GetString()!;
        group.Versions[mark] = record.Version;
        return HistoryResult.Found(mark, (int)Math.Round((record.ExpiresAt - group.Start).TotalMinutes));
    }

    private static HistoryResult Wrote(Group group, HistoryOperation operation, SessionWriteResult result)
    {
        if (result.Status == SessionWriteStatus.Written)
            group.Versions[operation.To!] = result.Version;

        return HistoryResult.Of(result.Status);
    }
}
