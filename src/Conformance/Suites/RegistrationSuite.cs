namespace SessionStores.Conformance.Suites;

/// <summary>A store is registered with one call that checks its options and does no I/O.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class RegistrationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L20", Needs = StoreCapabilities.Registration)]
    public Task A_registered_store_works() => RunAsync(async () =>
    {
        var builder = new RecordingBuilder();
        Fixture.Register(builder, Context.Namespace);

        var store = Context.Own(builder.Build(Fixture));

        await StoredAsync(store, NewId(), new SessionContent(Payload(), SessionExpiry.Never));
    });

    [Clause("L20", Needs = StoreCapabilities.Registration)]
    public Task Registration_names_the_store_once_and_returns_the_builder() => RunAsync(() =>
    {
        var builder = new RecordingBuilder();

        var returned = Fixture.Register(builder, Context.Namespace);

        Expect.True(ReferenceEquals(builder, returned), "registration returns the builder it was given");
        Expect.Equal(1, builder.Calls, "the number of times that registration named a store");
        return Task.CompletedTask;
    });

    [Clause("L20", Needs = StoreCapabilities.Registration)]
    public Task A_missing_builder_is_refused() => RunAsync(() =>
        Expect.ThrowsAsync<ArgumentNullException>(
            () =>
            {
                Fixture.Register(null!, Context.Namespace);
                return Task.CompletedTask;
            },
            "registration without a builder"));

    [Clause("L20", Needs = StoreCapabilities.Registration)]
    public Task The_store_is_created_when_it_is_requested_and_anew_each_time() => RunAsync(async () =>
    {
        var builder = new RecordingBuilder();
        Fixture.Register(builder, Context.Namespace);

        var (first, second) = (Context.Own(builder.Build(Fixture)), Context.Own(builder.Build(Fixture)));

        Expect.True(!ReferenceEquals(first, second), "each container gets a store of its own, for it disposes what it gets");
        await CaseContext.DisposeAsync(first);
        await StoredAsync(second, NewId(), new SessionContent(Payload(), SessionExpiry.Never));
    });

    [Clause("L20", Needs = StoreCapabilities.InvalidRegistration)]
    public Task Invalid_options_are_refused_at_once() => RunAsync(async () =>
    {
        var builder = new RecordingBuilder();

        await Expect.ThrowsAsync<ArgumentException>(
            () =>
            {
                Fixture.RegisterInvalid(builder);
                return Task.CompletedTask;
            },
            "registration with invalid options");

        Expect.Equal(0, builder.Calls, "the number of times that registration named a store");
    });

    [Clause("L20", "L19", Needs = StoreCapabilities.UnreachableRegistration)]
    public Task Registration_and_construction_do_no_IO() => RunAsync(async () =>
    {
        var builder = new RecordingBuilder();
        Fixture.RegisterUnreachable(builder);

        // I/O would end in a fault here: the server cannot be reached.
        var store = Context.Own(builder.Build(Fixture));

        var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(NewId()).AsTask(), "the first call with an unreachable server");
        Expect.True(fault.Fault is SessionStoreFault.Unavailable or SessionStoreFault.Timeout, $"the fault is Unavailable or Timeout, not {fault.Fault}");
    });

    [Clause("L20", "L16", Needs = StoreCapabilities.UnreachableRegistration)]
    public Task Arguments_are_checked_before_any_IO() => RunAsync(async () =>
    {
        var builder = new RecordingBuilder();
        Fixture.RegisterUnreachable(builder);
        var store = Context.Own(builder.Build(Fixture));

        // I/O would end in a fault of the server instead, since it cannot be reached.
        await Expect.ThrowsAsync<ArgumentException>(() => store.GetAsync("").AsTask(), "get with an empty id");
        await Expect.ThrowsAsync<ArgumentException>(() => store.SetAsync(NewId(), new SessionContent(Json("[]"), Later)).AsTask(), "set with what is no object");
        await Expect.ThrowsAsync<ArgumentException>(() => store.RotateAsync("a", "a", SessionVersion.Any, Content()).AsTask(), "rotate to the same id");
        await Expect.ThrowsAsync<ArgumentException>(() => store.ReplaceAsync("a", default, Content()).AsTask(), "replace with default(SessionVersion)");
        await Expect.ThrowsAsync<OperationCanceledException>(() => store.GetAsync("a", null, new CancellationToken(true)).AsTask(), "get with a cancelled token");
    });

    private sealed class RecordingBuilder : ISessionStoresBuilder
    {
        private readonly List<Func<IServiceProvider, ISessionStore, ISessionStore>> _decorators = [];
        private Func<IServiceProvider, ISessionStore>? _create;

        public string Name => "";

        public int Calls { get; private set; }

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create)
        {
            Calls++;
            _create = create;
            return this;
        }

        public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate)
        {
            _decorators.Add(decorate);
            return this;
        }

        public ISessionStore Build(SessionStoreFixture fixture)
        {
            var services = new FixtureServices(fixture);
            var store = (_create ?? throw new ConformanceException("Expected that registration names a store."))(services);
            return _decorators.Aggregate(store, (inner, decorate) => decorate(services, inner));
        }
    }

    private sealed class FixtureServices(SessionStoreFixture fixture) : IServiceProvider
    {
        public object? GetService(Type serviceType) => fixture.GetService(serviceType);
    }
}
