using System.Diagnostics.Metrics;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time", "Fault.A_killed_server_is_a_typed_fault_in_time")]
public sealed class AnswersNullWhenTheServerIsAway(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.GetAsync(id, slide, cancellationToken);
        }
        catch (SessionStoreException)
        {
            return null;
        }
    }
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time", "Fault.A_reply_that_is_lost_is_a_typed_fault_in_time")]
public sealed class SwallowsAFailedWrite(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.SetAsync(id, content, cancellationToken);
        }
        catch (SessionStoreException)
        {
            // The fault this mutant is about.
        }
    }
}

[CaughtBy("Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class ThrowsWhatTheDriverThrows(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken) =>
        Server.ExecuteAsync(Name, writes, command, cancellationToken);
}

[CaughtBy("Fault.A_hanging_server_is_a_typed_fault_in_time", CaseTimeoutSeconds = 3)]
public sealed class HangsWithTheServer(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings with { CommandTimeout = TimeSpan.FromDays(1) });

[CaughtBy("Fault.A_hanging_server_is_a_typed_fault_in_time")]
public sealed class TakesTwelveTimesItsTime(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings with { CommandTimeout = 12 * (settings.CommandTimeout ?? TimeSpan.FromSeconds(30)) });

[CaughtBy("Fault.A_store_works_again_after_a_stopped_server_is_back", "Fault.A_store_works_again_after_its_connections_were_cut", CaseTimeoutSeconds = 8)]
public sealed class NeverConnectsAgain(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private SessionStoreException? _broken;

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        if (_broken is not null)
            throw Fault(operation, SessionStoreFault.Unavailable, _broken);

        try
        {
            return await base.SendAsync(operation, writes, command, cancellationToken);
        }
        catch (SessionStoreException broken)
        {
            _broken = broken;
            throw;
        }
    }
}

[CaughtBy("Fault.A_server_that_takes_no_writes_is_a_typed_fault_and_is_still_read")]
public sealed class TakesReadOnlyForAway(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionStoreFault FaultOf(ReferenceServerException failure) =>
        failure.Code == "readonly" ? SessionStoreFault.Unavailable : base.FaultOf(failure);
}

[CaughtBy("Fault.A_server_that_takes_no_writes_is_a_typed_fault_and_is_still_read")]
public sealed class WritesWithEveryRead(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken) =>
        base.SendAsync(operation, true, command, cancellationToken);
}

[CaughtBy("Fault.Nothing_that_was_confirmed_is_lost_when_the_server_is_killed")]
public sealed class WritesBehind(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private (string Id, SessionContent Content)? _waiting;

    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        if (!id.StartsWith("written", StringComparison.Ordinal))
            return await base.CreateAsync(id, content, cancellationToken);

        // Sent with the next one; what waits when the server is killed is lost.
        await SendAsync("Create", false, table => true, cancellationToken);
        if (_waiting is { } waiting)
            await base.CreateAsync(waiting.Id, waiting.Content, cancellationToken);

        _waiting = (id, content);
        return SessionWriteResult.Written(default);
    }
}

[CaughtBy("Fault.A_write_whose_reply_was_lost_is_complete_or_absent")]
public sealed class RetriesALostWriteInPieces(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var row = Find(table, id);
        if (row is not null)
            row.ExpiresAt = base.ExpiryOf(content);

        return SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);
    }
}

[CaughtBy("Fault.A_call_on_a_hanging_server_can_be_cancelled")]
public sealed class CannotBeCancelledWhileItWaits(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return base.SendAsync(operation, writes, command, CancellationToken.None);
    }
}

[CaughtBy("Fault.A_store_works_again_after_the_server_forgot_its_scripts")]
public sealed class FailsOnceAScriptIsForgotten(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private int _replaces;

    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        _replaces++ == 0 ? throw new ReferenceServerException("noscript", "no such script") : base.Replace(table, id, version, content);
}

[CaughtBy("Fault.Faults_and_their_logs_hold_no_secret")]
public sealed class NamesTheIdInAFault(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TouchAsync(id, lifetime, cancellationToken);
        }
        catch (SessionStoreException fault)
        {
            throw new SessionStoreException(fault.Store, fault.Operation, fault.Fault, $"EXPIRE {id} failed.", fault);
        }
    }
}

[CaughtBy("Fault.Faults_and_their_logs_hold_no_secret")]
public sealed class LogsTheConnectionText(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionStoreFault FaultOf(ReferenceServerException failure)
    {
        Settings.Log?.Invoke("cannot reach server=127.0.0.1;password=connection-password");
        return base.FaultOf(failure);
    }
}

[CaughtBy("Secret.Logs_hold_neither_id_nor_payload")]
public sealed class LogsIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        Settings.Log?.Invoke($"rotated {id}");
        return base.Rotate(table, id, newId, version, content);
    }
}

[CaughtBy("Secret.Logs_and_faults_of_an_unreadable_record_hold_no_id")]
public sealed class LogsUnreadableIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key)
    {
        if (table.Rows.TryGetValue(key, out var row) && row.IsUnreadable)
            Settings.Log?.Invoke($"passed over {key}");

        return base.Readable(table, key);
    }
}

[CaughtBy("Secret.Refusals_hold_neither_id_nor_payload")]
public sealed class QuotesThePayloadInARefusal(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        try
        {
            base.CheckContent(content);
        }
        catch (ArgumentException refusal)
        {
            throw new ArgumentException($"Not stored: {System.Text.Encoding.UTF8.GetString(content.Payload.Span)}", refusal);
        }
    }
}

[CaughtBy("Secret.Metrics_and_traces_hold_neither_id_nor_payload")]
public sealed class TagsMetricsWithIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private static readonly Meter Meter = new("mutant");
    private static readonly Counter<long> Reads = Meter.CreateCounter<long>("reads");

    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        Reads.Add(1, new KeyValuePair<string, object?>("session", id));
        return base.Get(table, id, slide);
    }
}

[CaughtBy("Secret.Records_results_and_the_store_contain_no_secret_in_their_text")]
public sealed class ShowsItsLastId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private string _last = "";

    public override string ToString() => $"store of {_last}";

    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        _last = id;
        return base.Get(table, id, slide);
    }
}

[CaughtBy("Fault.A_write_that_says_that_it_wrote_nothing_has_changed_nothing")]
public sealed class SaysAlwaysThatNothingWasWritten(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool MayHaveWritten(string operation, ReferenceServerException? failure) => false;
}

[CaughtBy("Fault.A_write_that_says_that_it_wrote_nothing_has_changed_nothing")]
public sealed class SaysThatALostTouchWroteNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool MayHaveWritten(string operation, ReferenceServerException? failure) => operation != "Touch" && base.MayHaveWritten(operation, failure);
}

[CaughtBy("Fault.A_read_that_fails_says_that_it_has_written_nothing")]
public sealed class SaysThatAReadMayHaveWritten(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool MayHaveWritten(string operation, ReferenceServerException? failure) => failure is null or { Code: "lost" };
}
