using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using SessionStores;
using SessionStores.AspNetCore;

namespace Microsoft.AspNetCore.DataProtection;

/// <summary>Keeps the keys of Data Protection where sessions are kept.</summary>
public static class SessionKeyDataProtectionBuilderExtensions
{
    /// <summary>Keeps the key ring in a session store, so that every node reads what another one has protected, such as sign-ins and antiforgery tokens.</summary>
    /// <remarks>Give it a key prefix, table or collection of its own on the server of the sessions: there the keys are neither listed, counted nor cleared with the
    /// sessions. The keys are stored as they are, unless <c>ProtectKeysWith…</c> encrypts them or the store is a protected one, with a key that is not one of this ring.</remarks>
    /// <param name="builder">The Data Protection of the application. Nodes also need the same <c>SetApplicationName</c>.</param>
    /// <param name="create">Creates the store; called once, when the keys are first needed. The application's container owns and disposes it.</param>
    public static IDataProtectionBuilder PersistKeysToSessionStore(this IDataProtectionBuilder builder, Func<IServiceProvider, ISessionStore> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);

        builder.Services.AddSingleton(services => new SessionKeyRepository(create(services)));
        builder.Services.AddOptions<KeyManagementOptions>().Configure<SessionKeyRepository>(static (options, keys) => options.XmlRepository = keys);
        return builder;
    }
}
