using Microsoft.Extensions.DependencyInjection;
using SessionStores.Configuration;

namespace SessionStores.Memory;

/// <summary>Sets up <see cref="MemoryStore"/> from settings: those of <see cref="MemoryStoreOptions"/>.</summary>
public sealed class MemoryStoreProvider : ISessionStoreProvider
{
    /// <inheritdoc/>
    public string Name => "Memory";

    /// <inheritdoc/>
    public void Configure(ISessionStoresBuilder builder, SessionStoreSettings settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(settings);
        settings.RefuseConnection();
        settings.Attempt(() => builder.UseMemory(options =>
        {
            settings.WholeNumber(nameof(options.MaxSessions), (int value) => options.MaxSessions = value);
            settings.WholeNumber(nameof(options.MaxBytes), (long value) => options.MaxBytes = value);
            settings.WholeNumber(nameof(options.MaxPayloadBytes), (int value) => options.MaxPayloadBytes = value);
        }));
    }
}
