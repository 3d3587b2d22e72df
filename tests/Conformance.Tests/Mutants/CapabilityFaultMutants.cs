using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

/// <summary>A store that does something of its own when one operation fails.</summary>
public abstract class FaultMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected abstract bool IsMeant(string operation);

    /// <summary>What the operation returns in place of its fault.</summary>
    protected virtual T Instead<T>(string operation, SessionStoreException fault) => default!;

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(operation, writes, command, cancellationToken);
        }
        catch (SessionStoreException fault) when (IsMeant(operation))
        {
            return Instead<T>(operation, fault);
        }
    }
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time", "Fault.A_reply_that_is_lost_is_a_typed_fault_in_time")]
public sealed class ItsLengthIsZeroWhenTheServerIsAway(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    protected override bool IsMeant(string operation) => operation == "Length";
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time", "Fault.A_killed_server_is_a_typed_fault_in_time")]
public sealed class DestroysNothingOfASubjectWhenTheServerIsAway(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    protected override bool IsMeant(string operation) => operation == "DestroyBySubject";
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class PrunesNothingWhenTheServerIsAway(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    protected override bool IsMeant(string operation) => operation == "Prune";
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class ClearsInVainWhenTheServerIsAway(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    protected override bool IsMeant(string operation) => operation == "Clear";
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time", "Fault.A_hanging_server_is_a_typed_fault_in_time")]
public sealed class ListsNothingOfASubjectWhenTheServerIsAway(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken);
        }
        catch (SessionStoreException)
        {
            return new SessionPage([], null);
        }
    }
}

[CaughtBy("Fault.A_server_that_fails_in_a_listing_is_a_typed_fault")]
public sealed class EndsAListingWhenTheServerFails(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    private bool _listed;

    protected override bool IsMeant(string operation) => operation == "All" && _listed;

    protected override SessionRecord? Readable(ReferenceTable table, string key)
    {
        _listed = true;
        return base.Readable(table, key);
    }
}

[CaughtBy("Fault.A_server_that_fails_in_a_listing_is_a_typed_fault", "Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class ListingsThrowWhatTheDriverThrows(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    protected override bool IsMeant(string operation) => operation is "All" or "ListBySubject";

    protected override T Instead<T>(string operation, SessionStoreException fault) => throw fault.InnerException!;
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class PruneThrowsWhatTheDriverThrows(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    protected override bool IsMeant(string operation) => operation == "Prune";

    protected override T Instead<T>(string operation, SessionStoreException fault) => throw fault.InnerException!;
}

[CaughtBy("Fault.A_server_that_takes_no_writes_is_a_typed_fault_and_is_still_read")]
public sealed class TakesAClearOnAReplicaForAway(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    protected override bool IsMeant(string operation) => operation is "Clear" or "DestroyBySubject";

    protected override T Instead<T>(string operation, SessionStoreException fault) => throw Fault(operation, SessionStoreFault.Unavailable, fault.InnerException!);
}

[CaughtBy("Fault.A_hanging_server_is_a_typed_fault_in_time", CaseTimeoutSeconds = 5)]
public sealed class ListingsHangWithTheServer(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken) =>
        operation == "All" ? Server.ExecuteAsync(Name, writes, command, cancellationToken) : base.SendAsync(operation, writes, command, cancellationToken);
}

[CaughtBy("Fault.A_hanging_server_is_a_typed_fault_in_time", CaseTimeoutSeconds = 5)]
public sealed class PruneHangsWithTheServer(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken) =>
        operation == "Prune" ? Server.ExecuteAsync(Name, writes, command, cancellationToken) : base.SendAsync(operation, writes, command, cancellationToken);
}

[CaughtBy("Fault.A_server_that_takes_no_writes_is_a_typed_fault_and_is_still_read")]
public sealed class CountsWithAWrite(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken) =>
        base.SendAsync(operation, writes || operation is "Length" or "ListBySubject", command, cancellationToken);
}

[CaughtBy("Fault.A_call_on_a_hanging_server_can_be_cancelled")]
public sealed class CannotCancelAWriteThatWaits(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return base.SendAsync(operation, writes, command, writes ? CancellationToken.None : cancellationToken);
    }
}

[CaughtBy("Fault.A_call_on_a_hanging_server_can_be_cancelled")]
public sealed class CannotCancelAListingThatWaits(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return base.SendAsync(operation, writes, command, operation is "All" or "ListBySubject" ? CancellationToken.None : cancellationToken);
    }
}

[CaughtBy("Fault.A_call_on_a_hanging_server_can_be_cancelled")]
public sealed class TakesACancelledRotationForATimeout(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await base.SendAsync(operation, writes, command, cancellationToken);
        }
        catch (OperationCanceledException cancelled) when (operation == "Rotate")
        {
            throw Fault(operation, SessionStoreFault.Timeout, cancelled);
        }
    }
}

[CaughtBy("Fault.A_store_works_again_after_a_stopped_server_is_back", CaseTimeoutSeconds = 8)]
public sealed class NeverListsAgain(ReferenceServer server, string name, StoreSettings settings) : FaultMutant(server, name, settings)
{
    private SessionStoreException? _broken;

    protected override bool IsMeant(string operation) => operation == "All";

    protected override T Instead<T>(string operation, SessionStoreException fault)
    {
        _broken = fault;
        throw fault;
    }

    public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        if (_broken is not null)
            throw _broken;

        return base.AllAsync(withPayloads, cancellationToken);
    }
}

[CaughtBy("Fault.A_store_works_again_after_the_server_forgot_its_scripts")]
public sealed class FailsOnceTheScriptOfSubjectsIsForgotten(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private int _calls;

    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        _calls++ == 0 ? throw new ReferenceServerException("noscript", "no such script") : base.DestroyBySubject(table, subject, exceptIds);
}

[CaughtBy("Fault.Faults_and_their_logs_hold_no_secret")]
public sealed class NamesTheNewIdInAFault(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.RotateAsync(id, newId, version, content, cancellationToken);
        }
        catch (SessionStoreException fault)
        {
            throw new SessionStoreException(fault.Store, fault.Operation, fault.Fault, $"RENAME to {newId} failed.", fault);
        }
    }
}

[CaughtBy("Fault.Faults_and_their_logs_hold_no_secret")]
public sealed class NamesTheKeptIdsInAFault(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
        }
        catch (SessionStoreException)
        {
            Settings.Log?.Invoke($"kept {string.Join(',', exceptIds ?? [])}");
            throw;
        }
    }
}

[CaughtBy("Fault.Faults_and_their_logs_hold_no_secret")]
public sealed class PutsTheIdIntoTheDataOfAFault(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.DestroyAsync(id, cancellationToken);
        }
        catch (SessionStoreException fault)
        {
            fault.Data["key"] = $"sess:{id}";
            throw;
        }
    }
}

[CaughtBy("Fault.Faults_and_their_logs_hold_no_secret")]
public sealed class TagsFaultsWithIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private static readonly Meter Meter = new("mutant.faults");
    private static readonly Counter<long> Faults = Meter.CreateCounter<long>("faults");

    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TouchAsync(id, lifetime, cancellationToken);
        }
        catch (SessionStoreException)
        {
            Faults.Add(1, new KeyValuePair<string, object?>("session", id));
            throw;
        }
    }
}

[CaughtBy("Secret.Logs_hold_neither_id_nor_payload")]
public sealed class LogsTheKeptIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        Settings.Log?.Invoke($"kept {string.Join(',', exceptIds)}");
        return base.DestroyBySubject(table, subject, exceptIds);
    }
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time", "Fault.A_hanging_server_is_a_typed_fault_in_time")]
public sealed class NamesEveryCallGetInAFault(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(operation, writes, command, cancellationToken);
        }
        catch (SessionStoreException fault)
        {
            throw new SessionStoreException(fault.Store, "Get", fault.Fault, "The server could not do it.", fault.InnerException, fault.MayHaveWritten);
        }
    }
}
