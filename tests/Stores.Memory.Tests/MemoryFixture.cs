using Microsoft.Extensions.DependencyInjection;
using SessionStores.Conformance;
using SessionStores.Tests;

namespace SessionStores.Memory.Tests;

public sealed class MemoryFixture : SessionStoreFixture
{
    public override string Name => "memory";

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Keys | StoreCapabilities.Caps | StoreCapabilities.Epochs | StoreCapabilities.Pruning | StoreCapabilities.Successors | StoreCapabilities.AtomicRotation | StoreCapabilities.Expirations
        | StoreCapabilities.Clock | StoreCapabilities.Logs | StoreCapabilities.Registration | StoreCapabilities.InvalidRegistration;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var options = new MemoryStoreOptions();
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        var logger = settings.Log is { } log ? new ForwardingLogger<MemoryStore>(log) : null;
        return new(new MemoryStore(options, settings.Clock, logger));
    }

    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) => builder.UseMemory();

    public override void RegisterInvalid(ISessionStoresBuilder builder) => builder.UseMemory(options => options.MaxSessions = 0);
}
