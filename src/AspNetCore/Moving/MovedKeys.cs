using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <summary>Keeps under which id of this store is now what had a key elsewhere. That decides a move: of several requests that move one key, one
/// adds it.</summary>
/// <remarks>It stays after the session has ended, so that a request that has read the old record before, or a record that could not be removed, does
/// not bring the session back.</remarks>
/// <param name="calls">The store.</param>
/// <param name="purpose">What had the keys, so that equal keys of different origin differ.</param>
internal sealed class MovedKeys(StoreCalls calls, string purpose)
{
    private const string Prefix = "moved-";
    private const string Member = "to";

    /// <summary>How much longer it stays than the old record can live: longer than any request that has read that.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <summary>Adds a key, unless it was added before.</summary>
    /// <param name="key">The key elsewhere.</param>
    /// <param name="id">The id in this store; null if there is nothing.</param>
    /// <param name="life">How long the old record can live without being used.</param>
    /// <returns>Whether this call has added it.</returns>
    public async ValueTask<bool> TryAddAsync(string key, string? id, TimeSpan life)
    {
        var result = await calls.CreateAsync(IdOf(key), new SessionContent(PayloadOf(id), life + Margin), CancellationToken.None);
        return result.Status == SessionWriteStatus.Written;
    }

    /// <summary>Returns the id in this store; null if the key was not added, or there is nothing.</summary>
    public async ValueTask<string?> FindAsync(string key)
    {
        if (await calls.GetAsync(IdOf(key), null, CancellationToken.None) is not { } record)
            return null;

        using var payload = JsonDocument.Parse(record.Payload);
        return payload.RootElement.GetProperty(Member).GetString();
    }

    private static byte[] PayloadOf(string? id)
    {
        var output = new ArrayBufferWriter<byte>(160);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();

            // Complete, so that an Express application that lists the sessions of the store can read it.
            writer.WritePropertyName("cookie"u8);
            writer.WriteRawValue("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}"""u8);
            writer.WriteString(Member, id);
            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>A hash: the key gives access to the old record.</summary>
    private string IdOf(string key) => Prefix + SessionIds.Encode(SHA256.HashData(Encoding.UTF8.GetBytes($"SessionStores {purpose}\n{key}")));
}
