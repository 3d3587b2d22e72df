using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Capability.A_capability_is_the_same_object_each_time")]
public sealed class CreatesACapabilityAnewEachTime(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override TCapability? GetCapability<TCapability>()
        where TCapability : class => typeof(TCapability) == typeof(ISessionPruning) ? (TCapability)(object)new ReferenceStore(Server, Name, Settings) : base.GetCapability<TCapability>();
}

[CaughtBy("Capability.A_store_is_found_by_its_own_class")]
public sealed class KnowsTheInterfacesOfItsTimeOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override TCapability? GetCapability<TCapability>()
        where TCapability : class => typeof(TCapability).IsInterface ? base.GetCapability<TCapability>() : null;
}

[CaughtBy("Capability.The_key_space_is_one_text_for_each_namespace")]
public sealed class HasAKeySpaceForEachStore(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly Guid _id = Guid.NewGuid();

    public override string? KeySpace => $"{base.KeySpace} {_id}";
}

[CaughtBy("Capability.The_key_space_is_one_text_for_each_namespace")]
public sealed class HasOneKeySpaceForAll(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override string? KeySpace => "Reference";
}

[CaughtBy("Capability.The_key_space_is_one_text_for_each_namespace")]
public sealed class ShowsItsPasswordInTheKeySpace(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override string? KeySpace => $"connection-password@{Name}";
}

[CaughtBy("SetUp.Over_a_set_up_that_was_broken_each_call_works_or_is_a_typed_fault", "Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class LetsTheExceptionOfADestroyThrough(ReferenceServer server, string name, StoreSettings settings) : RawMutant(server, name, settings)
{
    protected override string Raw => "Destroy";
}

[CaughtBy("SetUp.Over_a_set_up_that_was_broken_each_call_works_or_is_a_typed_fault", "Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class LetsTheExceptionOfARotationThrough(ReferenceServer server, string name, StoreSettings settings) : RawMutant(server, name, settings)
{
    protected override string Raw => "Rotate";
}

[CaughtBy("SetUp.Over_a_set_up_that_was_broken_each_call_works_or_is_a_typed_fault", "Fault.A_stopped_server_is_a_typed_fault_in_time")]
public sealed class LetsTheExceptionOfAPruneThrough(ReferenceServer server, string name, StoreSettings settings) : RawMutant(server, name, settings)
{
    protected override string Raw => "Prune";
}

[CaughtBy("SetUp.Over_a_set_up_that_was_broken_each_call_works_or_is_a_typed_fault")]
public sealed class LetsTheExceptionOfACountThrough(ReferenceServer server, string name, StoreSettings settings) : RawMutant(server, name, settings)
{
    protected override string Raw => "CountBySubject";
}

[CaughtBy("SetUp.Over_a_set_up_that_was_broken_each_call_works_or_is_a_typed_fault")]
public sealed class LetsTheExceptionOfAListingThrough(ReferenceServer server, string name, StoreSettings settings) : RawMutant(server, name, settings)
{
    protected override string Raw => "All";
}

public abstract class RawMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected abstract string Raw { get; }

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(operation, writes, command, cancellationToken);
        }
        catch (SessionStoreException failure) when (operation == Raw && failure.InnerException is ReferenceServerException raw)
        {
            throw new ReferenceServerException(raw.Code, raw.Message);
        }
    }
}

[CaughtBy("SetUp.The_first_calls_of_a_node_wait_for_its_set_up")]
public sealed class IsReadyBeforeItsSetUpIs : ReferenceFixture
{
    public override ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) => new(new Store(new ReferenceServer(), @namespace));

    private sealed class Store(ReferenceServer server, string name) : ReferenceStore(server, name, new StoreSettings())
    {
        private int _isBegun;

        protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _isBegun, 1) == 0)
                await base.SendAsync("SetUp", true, table => table.SetUps = 1, cancellationToken);

            return await base.SendAsync(operation, writes, table => table.SetUps == 1 ? command(table) : throw new ReferenceServerException("shape", "there is no table"), cancellationToken);
        }
    }
}

[CaughtBy("Version.A_payload_that_differs_after_64_kilobytes_has_another_version")]
public sealed class VersionSkipsTheMiddleOfLargePayloads(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => row.Payload.Length <= 131_072
        ? base.VersionOf(row)
        : SessionVersion.Of((byte[])[.. row.Payload[..65_536], .. row.Payload[^65_536..], .. BitConverter.GetBytes(row.Payload.Length)], row.Subject);
}

[CaughtBy("Identifier.An_id_over_the_limit_is_refused")]
public sealed class CountsSurrogatePairsOfAnIdAsOne(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckId(string id, string? parameter = null)
    {
        if (id is null || id.Length <= 256 || id.EnumerateRunes().Count() > 256)
            base.CheckId(id!, parameter);
    }
}

[CaughtBy("Secret.Refusals_hold_neither_id_nor_payload")]
public sealed class RepeatsTheContinuationThatItRefuses(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string? PositionOf(string subject, string? continuation)
    {
        try
        {
            return base.PositionOf(subject, continuation);
        }
        catch (ArgumentException refused)
        {
            throw new ArgumentException($"The continuation '{continuation}' is not one of this subject.", nameof(continuation), refused);
        }
    }
}

[CaughtBy("Version.What_a_peer_wrote_that_is_no_object_cannot_be_read")]
public sealed class ReadsArrays(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsReadable(byte[] payload) => payload[0] is (byte)'[' || base.IsReadable(payload);
}

[CaughtBy("Version.What_a_peer_wrote_that_is_no_object_cannot_be_read")]
public sealed class ReadsAllJson(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsReadable(byte[] payload) => true;
}

[CaughtBy("Version.A_record_that_cannot_be_read_expires_like_any_other")]
public sealed class LooksAtARecordBeforeItsExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        if (table.Rows.TryGetValue(Key(id), out var row))
            ToRecord(row);

        return base.Get(table, id, slide);
    }
}

[CaughtBy("Cancellation.Calls_that_are_cancelled_while_they_wait_take_nothing_from_the_others", CaseTimeoutSeconds = 5)]
public sealed class ACancelledCallKeepsItsTurn(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly SemaphoreSlim _turns = new(1);

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await base.SendAsync(operation, writes, command, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _turns.Dispose();
        return base.DisposeAsync();
    }
}

[CaughtBy("Race.A_slide_that_meets_a_write_keeps_to_the_limits_of_what_was_written")]
public sealed class SlidesByTheLimitsOfAnEarlierRead(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        var read = await base.GetAsync(id, null, cancellationToken);
        if (slide is not { } wanted || read is null || !wanted.TryExtend(read.ExpiresAt, Now, read.Payload.Span, out var extended))
            return read;

        await SendAsync("Get", true, table => Touch(table, id, extended), cancellationToken);
        return read;
    }
}

[CaughtBy("Race.A_write_that_waited_past_an_expiry_does_not_bring_the_session_back")]
public sealed class ReadsTheClockBeforeItWaits(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly AsyncLocal<DateTimeOffset?> _entry = new();

    protected override DateTimeOffset Now => _entry.Value ?? base.Now;

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        _entry.Value = base.Now;
        return await base.SendAsync(operation, writes, command, cancellationToken);
    }
}
