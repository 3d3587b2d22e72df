using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace SessionStores.AspNetCore;

/// <summary>Keeps the keys of Data Protection in a session store: all of them in one record that does not expire.</summary>
/// <remarks>A record of its own for each key would need a listing, which not every store offers. A node that adds a key replaces the record by the version that it has read,
/// so that no key is lost when two nodes add one at the same time.</remarks>
/// <param name="store">Owned, and disposed with this object.</param>
internal sealed class SessionKeyRepository(ISessionStore store) : IXmlRepository, IAsyncDisposable, IDisposable
{
    /// <summary>The id of the record. No session has it: ids of sessions have at least 32 characters.</summary>
    public const string Id = "data-protection-keys";

    private const int MaxAttempts = 32;

    // What never expires gets the time to live of the store, where it has one. Each new key, every 90 days by default, writes the record again.
    private static readonly SessionLifetime Lifetime = SessionLifetime.For(TimeSpan.FromDays(365 * 100));

    public IReadOnlyCollection<XElement> GetAllElements() => Await(async () => (await ReadAsync()).Keys);

    public void StoreElement(XElement element, string friendlyName) => Await(async () =>
    {
        await AddAsync(element);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        if (store is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync();
        else
            Dispose();
    }

    public void Dispose() => (store as IDisposable)?.Dispose();

    /// <summary>Blocks the caller, once at the start and about once a day. The call runs on the pool, so that it does not need the thread of a caller with a synchronization context.</summary>
    private static T Await<T>(Func<Task<T>> call) =>
#pragma warning disable RS0030 // IXmlRepository is synchronous.
        Task.Run(call).GetAwaiter().GetResult();
#pragma warning restore RS0030

    private async Task AddAsync(XElement element)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var (record, keys) = await ReadAsync();
            var content = new SessionContent(PayloadOf([.. keys, element]), Lifetime);
            var result = record is null ? await store.CreateAsync(Id, content) : await store.ReplaceAsync(Id, record.Version, content);
            if (result.Status == SessionWriteStatus.Written)
                return;
        }

        throw new InvalidOperationException($"A key of Data Protection could not be stored in {MaxAttempts} attempts, because other nodes stored theirs each time. The next start of the application, or use of the key ring, tries again.");
    }

    private async Task<(SessionRecord? Record, IReadOnlyList<XElement> Keys)> ReadAsync()
    {
        if (await store.GetAsync(Id) is not { } record)
            return (null, []);

        using var content = JsonDocument.Parse(record.Payload);
        return (record, [.. content.RootElement.GetProperty("keys").EnumerateArray().Select(static key => XElement.Parse(key.GetString()!))]);
    }

    /// <summary>Every record of a session store has a cookie, which says nothing here.</summary>
    private static byte[] PayloadOf(IEnumerable<XElement> keys)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartObject(ReservedMembers.Cookie);
            json.WriteNull("originalMaxAge");
            json.WriteEndObject();
            json.WriteStartArray("keys");
            foreach (var key in keys)
                json.WriteStringValue(key.ToString(SaveOptions.DisableFormatting));

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.ToArray();
    }
}
