using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Walks over the keys of a prefix on every primary, in pages.</summary>
/// <remarks>
/// <para>SCAN runs inside a script, which is how it reaches the primary that owns a slot; each page names its node, so that a cursor is
/// never continued on another one after a failover.</para>
/// <para>SCAN gives a key twice only when its hash table shrinks meanwhile: then the buckets that fall into one are visited again, and
/// those come directly one after the other. So the keys seen last are remembered, and no more.</para>
/// </remarks>
internal sealed class RedisKeyScan(RedisConnection connection, RedisStoreOptions options)
{
    private const int Remembered = 16_384;

    /// <summary>Streams pages of keys without the prefix, each key once.</summary>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="prefix">The prefix, taken literally.</param>
    /// <param name="type">The type of the values, or null for any.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    public async IAsyncEnumerable<List<string>> PagesAsync(
        string operation, string prefix, string? type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pattern = Escape(prefix) + "*";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var order = new Queue<string>();
        foreach (var route in await RoutesAsync(operation, prefix, cancellationToken).ConfigureAwait(false))
        {
            var cursor = "0";
            string? node = null;
            do
            {
                RedisValue[] values = type is null
                    ? [cursor, pattern, options.ScanCount]
                    : [cursor, pattern, options.ScanCount, "TYPE", type];
                var parts = (RedisResult[])(await connection.EvaluateAsync(operation, RedisScripts.Scan, [route], values, cancellationToken).ConfigureAwait(false))!;
                var answered = (string)parts[0]!;
                if ((node ??= answered) != answered)
                {
                    throw new SessionStoreException(nameof(RedisStore), operation, SessionStoreFault.Unavailable,
                        "another server took over while its keys were walked over. Begin again.");
                }

                cursor = (string)parts[1]!;
                var page = new List<string>();
                foreach (var key in (string[])parts[2]!)
                {
                    if (!seen.Add(key))
                        continue;

                    order.Enqueue(key);
                    if (order.Count > Remembered)
                        seen.Remove(order.Dequeue());

                    page.Add(key[prefix.Length..]);
                }

                if (page.Count > 0)
                    yield return page;
            }
            while (cursor != "0");
        }
    }

    /// <summary>One key for each primary that can have keys of the prefix. It leads there, begins with the prefix, so that a user who is
    /// allowed to do no more can use it, and need not exist.</summary>
    private async ValueTask<List<RedisKey>> RoutesAsync(string operation, string prefix, CancellationToken cancellationToken)
    {
        if (!await connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false) || ClusterSlot.HasTag(prefix))
            return [prefix];

        var slots = await connection.EvaluateAsync(operation, RedisScripts.Slots, [prefix], [], cancellationToken).ConfigureAwait(false);
        var primaries = new Dictionary<string, List<(int First, int Last)>>(StringComparer.Ordinal);
        foreach (var range in (RedisResult[])slots!)
        {
            var parts = (RedisResult[])range!;
            var primary = (string)((RedisResult[])parts[2]!)[2]!;
            if (!primaries.TryGetValue(primary, out var ranges))
                primaries.Add(primary, ranges = []);

            ranges.Add(((int)parts[0], (int)parts[1]));
        }

        return [.. primaries.Values.Select(ranges => KeyIn(prefix, ranges))];
    }

    private static RedisKey KeyIn(string prefix, List<(int First, int Last)> ranges)
    {
        for (var i = 0; ; i++)
        {
            var key = prefix + i.ToString(CultureInfo.InvariantCulture);
            var slot = ClusterSlot.Of(key);
            if (ranges.Exists(range => range.First <= slot && slot <= range.Last))
                return key;
        }
    }

    private static string Escape(string prefix)
    {
        var pattern = new StringBuilder(prefix.Length + 8);
        foreach (var character in prefix)
        {
            if (character is '*' or '?' or '[' or ']' or '\\' or '^' or '-')
                pattern.Append('\\');

            pattern.Append(character);
        }

        return pattern.ToString();
    }
}
