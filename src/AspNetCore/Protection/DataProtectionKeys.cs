using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using SessionStores.Protection;

namespace SessionStores.AspNetCore;

/// <summary>Derives the keys that protect sessions from the key ring of ASP.NET Core Data Protection.</summary>
internal sealed class DataProtectionKeys(IDataProtectionProvider provider, IKeyManager manager, TimeProvider clock, TimeSpan keepFor)
{
    private static readonly byte[] Nothing = [0];

    private readonly IDataProtector _protector = provider.CreateProtector("SessionStores.Protection");
    private readonly Dictionary<Guid, SessionProtectionKey> _derived = [];

    /// <summary>The key that Data Protection uses now, then the others: those that become current later, and those that have expired not long ago.</summary>
    /// <exception cref="InvalidOperationException">The key that is used, or the secret of a key, cannot be read.</exception>
    public IReadOnlyList<SessionProtectionKey> Read()
    {
        // Data Protection decides which key is current, and creates one when it needs it. What it protects begins with four bytes that are always the same and the id of the key.
        var current = new Guid(_protector.Protect(Nothing).AsSpan(4, 16));
        var now = clock.GetUtcNow();
        var usable = manager.GetAllKeys().Where(key => key.KeyId == current || (!key.IsRevoked && key.ExpirationDate + keepFor > now)).ToList();
        if (!usable.Exists(key => key.KeyId == current))
        {
            throw new InvalidOperationException(
                "The key ring of Data Protection does not have the key that it uses, as with UseEphemeralDataProtectionProvider or a provider of its own. Keep the keys, such as by PersistKeysToFileSystem, or set SessionProtectionOptions.Keys.");
        }

        return [.. usable.OrderBy(key => key.KeyId != current).ThenByDescending(key => key.ActivationDate).Select(KeyOf)];
    }

    private SessionProtectionKey KeyOf(IKey key)
    {
        if (!_derived.TryGetValue(key.KeyId, out var derived))
            _derived[key.KeyId] = derived = new SessionProtectionKey(SecretOf(key));

        return derived;
    }

    private static byte[] SecretOf(IKey key)
    {
        var secret = key.Descriptor.ExportToXml().SerializedDescriptorElement.Descendants("masterKey").Elements("value").FirstOrDefault();
        return secret is not null
            ? Convert.FromBase64String(secret.Value)
            : throw new InvalidOperationException($"The key {key.KeyId} of Data Protection has no secret that can be read: its algorithm is not one of the built-in ones. Set SessionProtectionOptions.Keys instead.");
    }
}
