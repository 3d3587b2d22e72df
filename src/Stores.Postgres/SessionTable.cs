using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Postgres;

/// <summary>The names of the table and of what belongs to it, quoted.</summary>
internal sealed class SessionTable
{
    private const string IndexSuffix = "_subject_idx";

    public SessionTable(string? schema, string table)
    {
        Schema = schema is null ? null : Quote(schema);
        Name = Schema is null ? Quote(table) : $"{Schema}.{Quote(table)}";
        SubjectIndex = Quote(IndexNameOf(table));
        SetUpLock = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("SessionStores set-up " + Name)));
    }

    /// <summary>The quoted schema, or null.</summary>
    public string? Schema { get; }

    /// <summary>The quoted table, with its schema if one is set.</summary>
    public string Name { get; }

    /// <summary>The quoted name of the index on the subject, without schema: an index lives in the schema of its table.</summary>
    public string SubjectIndex { get; }

    /// <summary>The advisory lock that makes nodes set the table up one after the other.</summary>
    public long SetUpLock { get; }

    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // The server would cut a longer name off, and then it could meet the table's own.
    private static string IndexNameOf(string table)
    {
        if (Encoding.UTF8.GetByteCount(table) + IndexSuffix.Length <= PostgresStoreOptionsValidator.MaxIdentifierBytes)
            return table + IndexSuffix;

        return string.Concat("session_", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(table)).AsSpan(0, 16)), IndexSuffix);
    }
}
