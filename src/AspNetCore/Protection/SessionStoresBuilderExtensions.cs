using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using SessionStores;
using SessionStores.AspNetCore;
using SessionStores.Protection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Configures a set of sessions with what ASP.NET Core has.</summary>
public static partial class SessionStoresBuilderExtensions
{
    private static readonly TimeSpan KeepExpiredKeys = TimeSpan.FromDays(30);

    /// <summary>Protects the sessions at rest with keys derived from the key ring of Data Protection, which creates a new key every 90 days by itself.</summary>
    /// <remarks>The key ring must be shared by all nodes and kept where the sessions are not, as <c>PersistKeysToFileSystem</c> with
    /// <c>ProtectKeysWithCertificate</c> does. A key that has expired opens sessions for 30 more days; sessions that change in that time move to the current one, and
    /// <see cref="ProtectedStore.ResealAsync"/> moves the others. A revoked key ends its sessions.</remarks>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configure">Changes the other options.</param>
    public static ISessionStoresBuilder UseProtectionWithDataProtection(this ISessionStoresBuilder builder, Action<SessionProtectionOptions>? configure = null) =>
        builder.UseProtection((options, services) =>
        {
            configure?.Invoke(options);
            options.KeyRing = new DataProtectionKeys(
                Required<IDataProtectionProvider>(services), Required<IKeyManager>(services), services.GetService<TimeProvider>() ?? TimeProvider.System, KeepExpiredKeys).Read;
        });

    private static T Required<T>(IServiceProvider services)
        where T : class =>
        services.GetService<T>() ?? throw new InvalidOperationException("UseProtectionWithDataProtection needs Data Protection. Call services.AddDataProtection().");
}
