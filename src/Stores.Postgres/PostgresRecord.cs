using Npgsql;
using NpgsqlTypes;

namespace SessionStores.Postgres;

/// <summary>A row of a listing, and the parameters of a row that is written.</summary>
/// <param name="Id">The id.</param>
/// <param name="Payload">The text of <c>sess</c>.</param>
/// <param name="Epoch">The expiry in seconds since 1970, infinity for never.</param>
/// <param name="Subject">The subject, or null.</param>
internal sealed record PostgresRecord(string Id, byte[] Payload, double Epoch, string? Subject)
{
    /// <summary>Whether the payload is a JSON object. That it is JSON is assured by the type of the column.</summary>
    public bool IsReadable => IsObject(Payload);

    public SessionRecord ToSession() => Session(Id, Payload, Epoch, Subject, TimeProvider.System.GetUtcNow());

    /// <summary>Reads the row of <see cref="PostgresCommands.Get"/>, whose last column is the server's clock.</summary>
    public static SessionRecord Read(string id, NpgsqlDataReader row, out DateTimeOffset now)
    {
        var payload = row.GetFieldValue<byte[]>(0);
        if (!IsObject(payload))
            throw PostgresFaults.Unreadable("Get");

        now = EpochTime.FromSeconds(row.GetDouble(3));
        return Session(id, payload, row.GetDouble(1), row.IsDBNull(2) ? null : row.GetString(2), now);
    }

    /// <summary>Adds $1 the id, $2 the payload, $3 the expiry, then what the operation adds, then the subject where the table has it.</summary>
    public static void AddContent(
        NpgsqlParameterCollection parameters, PostgresCommands commands, string operation, string id, in Content content, params ReadOnlySpan<NpgsqlParameter> others)
    {
        if (content.Subject is not null && !commands.HasSubject)
            throw PostgresFaults.Misconfigured(operation, $"The session has a subject, but the table {commands.Table} lacks the column subject.");

        parameters.Add(Text(id));
        parameters.Add(Bytes(content.Payload, NpgsqlDbType.Json));
        parameters.Add(Instant(content.ExpiresAt));
        foreach (var other in others)
            parameters.Add(other);

        if (commands.HasSubject)
            parameters.Add(Text(content.Subject));
    }

    public static NpgsqlParameter Text(string? value) => value is null
        ? new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = DBNull.Value }
        : new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text, TypedValue = value };

    /// <summary>The stored text of a version.</summary>
    public static NpgsqlParameter Text(SessionVersion version) => Bytes(version.Content, NpgsqlDbType.Text);

    public static NpgsqlParameter<string[]> Texts(string[] values) => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, TypedValue = values };

    public static NpgsqlParameter<double> Number(double value) => new() { NpgsqlDbType = NpgsqlDbType.Double, TypedValue = value };

    public static NpgsqlParameter<double> Instant(DateTimeOffset instant) => Number(EpochTime.ToSeconds(instant));

    private static bool IsObject(ReadOnlySpan<byte> json) => json.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static SessionRecord Session(string id, byte[] payload, double epoch, string? subject, DateTimeOffset now)
    {
        var expiresAt = EpochTime.FromSeconds(epoch);
        return new(id, payload, expiresAt, SessionExpiry.Remaining(expiresAt, now), subject, SessionVersion.Of(payload, subject));
    }

    private static NpgsqlParameter<ReadOnlyMemory<byte>> Bytes(ReadOnlyMemory<byte> value, NpgsqlDbType type) => new() { NpgsqlDbType = type, TypedValue = value };

    /// <summary>Content that was checked, with a payload that its caller can no longer change.</summary>
    internal readonly record struct Content(byte[] Payload, DateTimeOffset ExpiresAt, string? Subject)
    {
        public SessionVersion Version => SessionVersion.Of(Payload, Subject);
    }
}
