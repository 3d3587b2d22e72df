using Microsoft.Extensions.Logging;
using SessionStores;
using SessionStores.Memory;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses <see cref="MemoryStore"/> for a set of sessions.</summary>
public static class MemoryStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in the memory of this process.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseMemory(this ISessionStoresBuilder builder, Action<MemoryStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var options = new MemoryStoreOptions();
        configure?.Invoke(options);
        options.Validate();

        return builder.UseStore(services => new MemoryStore(
            options,
            (TimeProvider?)services.GetService(typeof(TimeProvider)),
            (ILogger<MemoryStore>?)services.GetService(typeof(ILogger<MemoryStore>))));
    }
}
