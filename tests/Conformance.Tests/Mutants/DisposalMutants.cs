using System.Collections.Concurrent;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Disposal.Disposing_one_store_leaves_another_on_the_same_data_working")]
public sealed class DisposesTheSharedClient(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override ValueTask DisposeAsync()
    {
        Server.Dispose();
        return base.DisposeAsync();
    }
}

[CaughtBy("Disposal.A_store_can_be_disposed_twice")]
public sealed class CannotBeDisposedTwice(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private bool _disposed;

    public override ValueTask DisposeAsync()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _disposed = true;
        return base.DisposeAsync();
    }
}

[CaughtBy("Disposal.A_store_can_be_disposed_unused")]
public sealed class CannotBeDisposedUnused(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private object? _connection;

    public override ValueTask DisposeAsync()
    {
        _connection!.ToString();
        return base.DisposeAsync();
    }

    protected override ReferenceTable InShape(ReferenceTable table)
    {
        _connection = table;
        return base.InShape(table);
    }
}

[CaughtBy("Disposal.Every_call_on_a_disposed_store_throws")]
public sealed class ReturnsNullWhenDisposed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private bool _disposed;

    protected override bool IsDisposed => false;

    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        return base.DisposeAsync();
    }

    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) => _disposed ? null : base.Get(table, id, slide);
}

[CaughtBy("Disposal.Every_call_on_a_disposed_store_throws")]
public sealed class ContinuesWhenDisposed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsDisposed => false;
}

[CaughtBy("Disposal.Many_threads_can_use_one_store")]
public sealed class KeepsTheCallInAField(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly TaskCompletionSource _meet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads;
    private string _id = "";

    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        _id = id;

        // The first two meet here, whatever the machine.
        if (Interlocked.Increment(ref _reads) > 1)
            _meet.TrySetResult();

        await _meet.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return await SendAsync("Get", slide is not null, table => Get(table, _id, slide), cancellationToken);
    }
}

[CaughtBy("Disposal.Two_first_calls_at_once_work")]
public sealed class ConnectsOncePerFirstCall(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private int _connecting;

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        var first = Interlocked.Increment(ref _connecting);
        if (first == 2)
            throw new InvalidOperationException("The connection is already being opened.");

        var answer = await base.SendAsync(operation, writes, command, cancellationToken);
        _connecting = first == 1 && _connecting == 1 ? 1000 : _connecting;
        return answer;
    }
}

[CaughtBy("Lifecycle.Another_store_on_the_same_data_sees_a_write_that_returned", "Lifecycle.Another_store_on_the_same_data_sees_a_destroy_that_returned", "Lifecycle.Another_store_on_the_same_data_sees_a_touch_that_returned", "Lifecycle.Another_store_on_the_same_data_sees_a_rotation_that_returned", "History.Clients_of_different_stores_on_the_same_data_agree_on_an_order")]
public sealed class ReadsFromItsOwnCache(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly ConcurrentDictionary<string, SessionRecord> _cache = [];

    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        if (slide is null && _cache.TryGetValue(id, out var cached) && cached.ExpiresAt > Now)
            return cached;

        var record = await base.GetAsync(id, slide, cancellationToken);
        if (record is not null)
            _cache[id] = record;

        return record;
    }

    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        _cache.Clear();
        return base.Put(table, id, content);
    }

    protected override void Remove(ReferenceTable table, string key)
    {
        _cache.Clear();
        base.Remove(table, key);
    }
}

[CaughtBy("Capability.Enumeration_is_declared_if_the_store_has_it", "Capability.Subjects_are_declared_if_the_store_has_them", "Capability.Pruning_is_declared_if_the_store_has_it",
    "Capability.Expirations_are_declared_if_the_store_has_them", "Capability.Successors_are_declared_if_the_store_has_them")]
public sealed class DeclaresLessThanItHas : ReferenceFixture
{
    public override StoreCapabilities Capabilities =>
        base.Capabilities & ~(StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Pruning | StoreCapabilities.Expirations | StoreCapabilities.Successors);
}

[CaughtBy("Registration.Registration_and_construction_do_no_IO", "Registration.Arguments_are_checked_before_any_IO")]
public sealed class ConnectsInItsConstructor : ReferenceFixture
{
    public override void RegisterUnreachable(ISessionStoresBuilder builder) => builder.UseStore(services =>
    {
        SpinWait.SpinUntil(() => false, TimeSpan.FromSeconds(1));
        throw new SessionStoreException("ReferenceStore", "Connect", SessionStoreFault.Unavailable, "The server is away.");
    });
}

[CaughtBy("Registration.Arguments_are_checked_before_any_IO")]
public sealed class ChecksArgumentsAtTheServer : ReferenceFixture
{
    public override void RegisterUnreachable(ISessionStoresBuilder builder)
    {
        var away = new ReferenceServer();
        away.Begin(ServerFault.Hanging);
        builder.UseStore(_ => new LateChecks(away, "away", new() { CommandTimeout = TimeSpan.FromSeconds(1) }));
    }

    private sealed class LateChecks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
    {
        public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
        {
            var record = await SendAsync("Get", false, table => Get(table, id, slide), cancellationToken);
            CheckId(id);
            return record;
        }
    }
}

[CaughtBy("Registration.The_store_is_created_when_it_is_requested_and_anew_each_time")]
public sealed class RegistersOneObject : ReferenceFixture
{
    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var store = Create(new ReferenceServer(), @namespace, new());
        return builder.UseStore(_ => store);
    }
}

[CaughtBy("Registration.Registration_names_the_store_once_and_returns_the_builder")]
public sealed class RegistersTwice : ReferenceFixture
{
    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) =>
        base.Register(base.Register(builder, @namespace), @namespace);
}

[CaughtBy("Registration.A_missing_builder_is_refused")]
public sealed class TakesAMissingBuilder : ReferenceFixture
{
    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) =>
        builder is null ? null! : base.Register(builder, @namespace);
}

[CaughtBy("Registration.A_registered_store_works")]
public sealed class RegistersABrokenStore : ReferenceFixture
{
    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) =>
        base.Register(builder, @namespace).UseStore(_ => throw new InvalidOperationException("No service for type TimeProvider has been registered."));
}

[CaughtBy("Registration.Invalid_options_are_refused_at_once")]
public sealed class ChecksOptionsOnFirstUse : ReferenceFixture
{
    public override void RegisterInvalid(ISessionStoresBuilder builder) => Register(builder, "later");
}

[CaughtBy("SetUp.A_second_start_changes_nothing")]
public sealed class SetsUpAtEveryStart : ReferenceFixture
{
    private readonly ReferenceServer _server = new();

    public override ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) => new(new Counting(_server, @namespace));

    public override ValueTask<string> DescribeSetUpAsync(string @namespace) => new(_server.Inspect(@namespace, table => $"set up {table.SetUps} times"));

    private sealed class Counting(ReferenceServer server, string name) : PreparingStore(server, name, new())
    {
        protected override Task PrepareAsync(CancellationToken cancellationToken) =>
            Server.ExecuteAsync(Name, true, table => table.SetUps++, cancellationToken);
    }
}

[CaughtBy("SetUp.Many_nodes_can_start_for_the_first_time_at_once")]
public sealed class LooksThenSetsUp : ReferenceFixture
{
    private readonly ReferenceServer _server = new();

    public override ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) => new(new Racing(_server, @namespace));

    private sealed class Racing(ReferenceServer server, string name) : PreparingStore(server, name, new())
    {
        protected override async Task PrepareAsync(CancellationToken cancellationToken)
        {
            if (await Server.ExecuteAsync(Name, false, table => table.SetUps, cancellationToken) > 0)
                return;

            await Task.Delay(1, cancellationToken);
            await Server.ExecuteAsync(Name, true, table => ++table.SetUps == 1 ? true : throw new ReferenceServerException("exists", "the table exists"), cancellationToken);
        }
    }
}

[CaughtBy("SetUp.What_an_older_version_or_a_peer_set_up_is_used_and_its_sessions_live_on", "SetUp.Many_nodes_can_start_over_an_older_set_up_at_once")]
public sealed class StartsOverWhatWasThere : ReferenceFixture
{
    private readonly ReferenceServer _server = new();

    public override ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) => new(new Dropping(_server, @namespace));

    private sealed class Dropping(ReferenceServer server, string name) : PreparingStore(server, name, new())
    {
        protected override Task PrepareAsync(CancellationToken cancellationToken)
        {
            Server.Drop(Name);
            return base.PrepareAsync(cancellationToken);
        }
    }
}

[CaughtBy("SetUp.A_store_prepares_what_it_needs_on_first_use")]
public sealed class ForgetsToSetUp : ReferenceFixture
{
    public override async ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace)
    {
        await BreakSetUpAsync(@namespace);
        return await CreateStoreAsync(@namespace, new());
    }
}

[CaughtBy("SetUp.A_user_with_the_documented_rights_can_do_everything")]
public sealed class NeedsMoreRights : ReferenceFixture
{
    public override ValueTask<ISessionStore> CreateLeastPrivilegedAsync(string @namespace) => new(new Refused(new ReferenceServer(), @namespace));

    private sealed class Refused(ReferenceServer server, string name) : ReferenceStore(server, name, new())
    {
        protected override bool Clear(ReferenceTable table) => throw new ReferenceServerException("refused", "the user must not truncate");
    }
}

[CaughtBy("SetUp.A_set_up_that_was_broken_is_a_typed_fault")]
public sealed class TakesAMissingColumnForAFailure(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionStoreFault FaultOf(ReferenceServerException failure) => failure.Code == "shape" ? SessionStoreFault.Failed : base.FaultOf(failure);
}
