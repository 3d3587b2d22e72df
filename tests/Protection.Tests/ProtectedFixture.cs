using Microsoft.Extensions.DependencyInjection;
using SessionStores.Conformance;
using SessionStores.Memory;
using SessionStores.Tests;

namespace SessionStores.Protection.Tests;

/// <summary>A protected store in memory, with a current and an older key and with hashed subjects.</summary>
public sealed class ProtectedFixture : SessionStoreFixture
{
    public override string Name => "protected-memory";

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Keys | StoreCapabilities.Caps | StoreCapabilities.Epochs | StoreCapabilities.Pruning | StoreCapabilities.Successors | StoreCapabilities.AtomicRotation | StoreCapabilities.Expirations
        | StoreCapabilities.Clock | StoreCapabilities.Logs | StoreCapabilities.Registration | StoreCapabilities.InvalidRegistration;

    public override IReadOnlyList<string> Secrets => [Keys.Old, Keys.Current];

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var inner = new MemoryStore(new MemoryStoreOptions { MaxPayloadBytes = 4 << 20 }, settings.Clock, settings.Log is { } log ? new ForwardingLogger<MemoryStore>(log) : null);
        var options = Keys.Options(Keys.Current, Keys.Old);
        options.HashSubjects = true;
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        return new(new ProtectedStore(inner, options, settings.Clock, settings.Log is { } line ? new ForwardingLogger<ProtectedStore>(line) : null));
    }

    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) =>
        builder.UseMemory().UseProtection(options => options.Keys.Add(Keys.Current));

    public override void RegisterInvalid(ISessionStoresBuilder builder) => builder.UseProtection(_ => { });
}
