using System.Diagnostics;
using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>Makes one call after the other on the sessions of a group, and records what it asked for and what it saw.</summary>
internal sealed class Client(int number, Group group, INode node, SeededRandom random, Counts counts)
{
    private readonly Dictionary<string, string> _loaded = [];
    private bool _loggedOutEverywhere;
    private int _writes;

    /// <summary>Makes calls that are drawn at random. After one that failed it waits until the node works again.</summary>
    public async Task RunAsync(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            var operation = Draw();
            var began = Stopwatch.GetTimestamp();
            if (await CallAsync(operation))
                continue;

            var id = operation.Id == Group.Everywhere ? "s2" : operation.Id;
            await Wait.UntilAsync(_ => node.WorksAsync(group, id), TimeSpan.FromMinutes(2), "the store to work again");
            counts.WasUnavailable(Stopwatch.GetElapsedTime(began));
        }
    }

    /// <summary>Makes a call and records it, unless it surely had no effect.</summary>
    /// <returns>Whether it returned a result.</returns>
    public async Task<bool> CallAsync(HistoryOperation operation)
    {
        operation = operation with { Invoked = group.Clock.Next() };
        var done = await node.CallAsync(group, operation);
        if (done?.Result is { } result)
        {
            done = done with { Returned = group.Clock.Next() };
            Learn(done, result);
        }

        counts.Called(done);
        if (done is not null)
            group.Add(done);

        return done?.Result is not null;
    }

    private HistoryOperation Draw()
    {
        var kind = node.Kinds[random.Below(node.Kinds.Count)];
        if (kind == OperationKind.End && _loggedOutEverywhere)
            kind = OperationKind.Get;

        var once = group.UsedOnce;
        string[] known = [.. group.Reused, .. once];
        if (known.Length == 0)
            kind = OperationKind.Create;

        var isNew = kind == OperationKind.Rotate || (kind == OperationKind.Create && (node.IsSite || random.Below(3) == 0));
        var ids = kind == OperationKind.Rotate ? once : kind == OperationKind.Create ? group.Reused : known;
        var fresh = isNew && (kind == OperationKind.Create || ids.Count > 0) ? group.Fresh() : null;
        if (isNew && fresh is null)
            (kind, ids) = (OperationKind.Get, known);

        var id = fresh is not null && kind == OperationKind.Create ? fresh : ids.Count > 0 ? ids[random.Below(ids.Count)] : "s2";
        var loaded = _loaded.GetValueOrDefault(id);
        if (kind == OperationKind.Replace && loaded is null && !node.IsSite)
            kind = OperationKind.Get;

        _loggedOutEverywhere |= kind == OperationKind.End;
        return new HistoryOperation
        {
            Client = number,
            Kind = kind,
            Id = kind == OperationKind.End ? Group.Everywhere : id,
            NewId = kind == OperationKind.Rotate ? fresh : null,
            From = node.IsSite ? null : kind == OperationKind.Replace || random.Below(2) == 0 ? loaded : null,
            To = $"w{number}.{++_writes}",
            Minutes = node.IsSite ? 0 : random.Below(60),
        };
    }

    private void Learn(HistoryOperation done, HistoryResult result)
    {
        if (result.Mark is { } seen)
            _loaded[done.Id] = seen;
        else if (result.Status == nameof(SessionWriteStatus.Written))
            _loaded[done.NewId ?? done.Id] = done.To!;
    }
}
