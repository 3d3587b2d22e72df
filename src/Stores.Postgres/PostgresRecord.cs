using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace SessionStores.Postgres;

/// <summary>A row of a listing, and the parameters of a row that is written.</summary>
/// <param name="Id">The id.</param>
/// <param name="Payload">The text of <c>sess</c>; null when it is over the limit.</param>
/// <param name="Epoch">The expiry in seconds since 1970, infinity for never.</param>
/// <param name="Subject">The subject, or null.</param>
/// <param name="Now">The server's clock in seconds since 1970.</param>
/// <param name="Key">The column key, or null. The key of the session is in its payload; this is what is known without it.</param>
internal sealed record PostgresRecord(string Id, byte[]? Payload, double Epoch, string? Subject, double Now, string? Key)
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    private const uint JsonOid = 114;
    private const uint TimestampTzOid = 1184;

    /// <summary>The server's instants count from the year 2000.</summary>
    private const long MicrosecondsTo2000 = 946_684_800_000_000;

    /// <summary>The session, or null when it cannot be read.</summary>
    public SessionRecord? ToSession(int maxPayloadBytes) => ProblemOf(Payload, Subject, maxPayloadBytes, out var payload, out var key) is null
        ? Session(Id, Payload!, payload, key, EpochTime.FromSeconds(Epoch), Subject, EpochTime.FromSeconds(Now))
        : null;

    /// <summary>The session of a row that was read without its payload, or null when its subject is invalid.</summary>
    public SessionRecord? ToSessionWithoutPayload() => ProblemOf(EmptyObject, Subject, EmptyObject.Length, out var payload, out _) is null
        ? Session(Id, EmptyObject, payload, Key, EpochTime.FromSeconds(Epoch), Subject, EpochTime.FromSeconds(Now)).WithoutPayload()
        : null;

    /// <summary>Reads the row of <see cref="PostgresCommands.Get"/>, whose last column is the server's clock.</summary>
    public static SessionRecord Read(string id, NpgsqlDataReader row, int maxPayloadBytes, out DateTimeOffset now)
    {
        if (row.GetPostgresType(0).OID != JsonOid || row.GetPostgresType(1).OID != TimestampTzOid)
            throw PostgresFaults.Misconfigured("Get", "A column of the session table has another type than when the store looked at it. The next call looks again.");

        var stored = row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0);
        var subject = row.IsDBNull(2) ? null : row.GetString(2);
        if (ProblemOf(stored, subject, maxPayloadBytes, out var payload, out var key) is { } problem)
            throw PostgresFaults.Unreadable("Get", problem);

        now = InstantAt(row, 3);
        return Session(id, stored!, payload, key, InstantAt(row, 1), subject, now);
    }

    /// <summary>Reads the row of <see cref="PostgresCommands.SlideRead"/>; without a row the record is as it was read.</summary>
    public static SessionRecord ReadSlid(SessionRecord record, NpgsqlDataReader? row)
    {
        if (row is null)
            return record;

        var expiresAt = InstantAt(row, 0);
        return new SessionRecord(record.Id, record.Payload, expiresAt, SessionExpiry.Remaining(expiresAt, InstantAt(row, 1)), record.Subject, record.Version, record.Key);
    }

    /// <summary>Adds $1 the id, $2 the payload, $3 and $4 the lifetime, then what the operation adds, then the subject where the table has
    /// it.</summary>
    public static void AddContent(
        NpgsqlParameterCollection parameters, PostgresCommands commands, string operation, string id, in Content content, params ReadOnlySpan<NpgsqlParameter> others)
    {
        if (content.Subject is not null && !commands.HasSubject)
            throw PostgresFaults.Misconfigured(operation, $"The session has a subject, but the table {commands.Table} lacks the column subject.");

        parameters.Add(Text(id));
        parameters.Add(Bytes(content.Payload, NpgsqlDbType.Json));
        AddLifetime(parameters, content.Lifetime);
        foreach (var other in others)
            parameters.Add(other);

        if (commands.HasSubject)
            parameters.Add(Text(content.Subject));
    }

    /// <summary>Adds the key where the table has it: the last parameter of a write.</summary>
    public static void AddKey(NpgsqlParameterCollection parameters, PostgresCommands commands, in Content content)
    {
        if (commands.HasKeys)
            parameters.Add(Text(content.Key));
    }

    /// <summary>Adds the idle time in seconds and the end in seconds since 1970, infinity for one that is not set.</summary>
    public static void AddLifetime(NpgsqlParameterCollection parameters, SessionLifetime lifetime)
    {
        var (idle, end) = NumbersOf(lifetime);
        parameters.Add(Number(idle));
        parameters.Add(Number(end));
    }

    /// <summary>Adds the parameters of <see cref="PostgresCommands.CreateMany"/>, as for one: an array for each.</summary>
    public static void AddCreations(NpgsqlParameterCollection parameters, PostgresCommands commands, IReadOnlyList<PostgresStore.Creation> creations)
    {
        AddContents(parameters, creations, static creation => creation.Id, static creation => creation.Content);
        if (commands.HasSubject)
            parameters.Add(Many(creations, NpgsqlDbType.Text, static creation => creation.Content.Subject));

        if (commands.HasKeys)
            parameters.Add(Many(creations, NpgsqlDbType.Text, static creation => creation.Content.Key));
    }

    /// <summary>Adds the parameters of <see cref="PostgresCommands.ReplaceMany"/>, as for one: an array for each.</summary>
    public static void AddReplacements(NpgsqlParameterCollection parameters, PostgresCommands commands, IReadOnlyList<PostgresStore.Replacement> replacements)
    {
        AddContents(parameters, replacements, static replacement => replacement.Id, static replacement => replacement.Content);
        parameters.Add(Many(replacements, NpgsqlDbType.Text, static replacement => replacement.Loaded.Content));
        if (commands.HasSubject)
        {
            parameters.Add(Many(replacements, NpgsqlDbType.Text, static replacement => replacement.Content.Subject));
            parameters.Add(Many(replacements, NpgsqlDbType.Text, static replacement => replacement.Loaded.Subject));
        }

        if (commands.HasKeys)
            parameters.Add(Many(replacements, NpgsqlDbType.Text, static replacement => replacement.Content.Key));
    }

    /// <summary>Adds the parameters of <see cref="PostgresCommands.TouchMany"/>.</summary>
    public static void AddTouches(NpgsqlParameterCollection parameters, IReadOnlyList<(string Id, SessionLifetime Lifetime)> touches)
    {
        parameters.Add(Many(touches, NpgsqlDbType.Text, static touch => touch.Id));
        AddLifetimes(parameters, touches, static touch => touch.Lifetime);
    }

    /// <summary>Adds the parameters of <see cref="PostgresCommands.SlideMany"/>.</summary>
    public static void AddSlides(NpgsqlParameterCollection parameters, IReadOnlyList<(string Id, SlidingExpiry Slide)> slides)
    {
        parameters.Add(Many(slides, NpgsqlDbType.Text, static slide => slide.Id));
        parameters.Add(Many(slides, NpgsqlDbType.Double, static slide => slide.Slide.WhenRemainingBelow.TotalSeconds));
        AddLifetimes(parameters, slides, static slide => slide.Slide.ExtendTo);
    }

    public static NpgsqlParameter Text(string? value) => value is null
        ? new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = DBNull.Value }
        : new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text, TypedValue = value };

    /// <summary>The stored text of a version; null for any version.</summary>
    public static NpgsqlParameter Text(SessionVersion version) => version.IsAny ? Text(null) : Bytes(version.Content, NpgsqlDbType.Text);

    public static NpgsqlParameter Texts(IReadOnlyList<string> values) => Many(values, NpgsqlDbType.Text, static value => value);

    public static NpgsqlParameter<double> Number(double value) => new() { NpgsqlDbType = NpgsqlDbType.Double, TypedValue = value };

    /// <summary>Says why a record cannot be read, which is when it could not be written either; null when it can.</summary>
    /// <param name="stored">The stored payload, with the key.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="maxPayloadBytes">The limit of the payload.</param>
    /// <param name="payload">The payload without the key.</param>
    /// <param name="key">The key, or null.</param>
    private static string? ProblemOf(byte[]? stored, string? subject, int maxPayloadBytes, out ReadOnlyMemory<byte> payload, out string? key)
    {
        (payload, key) = (default, null);
        try
        {
            payload = stored is null ? default : ReservedMember.SplitKey(stored, out key);
            if (stored is null || payload.Length > maxPayloadBytes)
                return $"is null or has over {maxPayloadBytes} bytes (MaxPayloadBytes)";

            SessionArguments.ThrowIfInvalidContent(new SessionContent(payload, SessionLifetime.Never, subject), maxPayloadBytes);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException)
        {
            return "is not a JSON object of at most 1,000 levels without the member __subject, or its subject is invalid";
        }
    }

    private static (double Idle, double End) NumbersOf(SessionLifetime lifetime) =>
        (lifetime.Idle?.TotalSeconds ?? double.PositiveInfinity, EpochTime.ToSeconds(lifetime.End ?? SessionExpiry.Never));

    private static DateTimeOffset InstantAt(NpgsqlDataReader row, int column)
    {
        var microseconds = row.GetFieldValue<long>(column);
        if (microseconds == long.MaxValue)
            return SessionExpiry.Never;

        var (milliseconds, rest) = Math.DivRem(microseconds + MicrosecondsTo2000, 1000);
        return EpochTime.FromMilliseconds(rest > 0 ? milliseconds + 1 : milliseconds);
    }

    private static SessionRecord Session(
        string id, byte[] stored, ReadOnlyMemory<byte> payload, string? key, DateTimeOffset expiresAt, string? subject, DateTimeOffset now) =>
        new(id, payload, expiresAt, SessionExpiry.Remaining(expiresAt, now), subject, SessionVersion.Of(stored, subject), key);

    private static void AddContents<T>(NpgsqlParameterCollection parameters, IReadOnlyList<T> calls, Func<T, string> id, Func<T, Content> content)
    {
        parameters.Add(Many(calls, NpgsqlDbType.Text, id));
        parameters.Add(Many(calls, NpgsqlDbType.Json, call => content(call).Payload));
        AddLifetimes(parameters, calls, call => content(call).Lifetime);
    }

    private static void AddLifetimes<T>(NpgsqlParameterCollection parameters, IReadOnlyList<T> calls, Func<T, SessionLifetime> lifetime)
    {
        parameters.Add(Many(calls, NpgsqlDbType.Double, call => NumbersOf(lifetime(call)).Idle));
        parameters.Add(Many(calls, NpgsqlDbType.Double, call => NumbersOf(lifetime(call)).End));
    }

    private static NpgsqlParameter<TValue[]> Many<T, TValue>(IReadOnlyList<T> calls, NpgsqlDbType type, Func<T, TValue> value)
    {
        var values = new TValue[calls.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(calls[i]);

        return new NpgsqlParameter<TValue[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values };
    }

    private static NpgsqlParameter<ReadOnlyMemory<byte>> Bytes(ReadOnlyMemory<byte> value, NpgsqlDbType type) => new() { NpgsqlDbType = type, TypedValue = value };

    /// <summary>Content that was checked, with a payload that its caller can no longer change, and that has the key.</summary>
    internal readonly record struct Content(byte[] Payload, SessionLifetime Lifetime, string? Subject, string? Key)
    {
        public SessionVersion Version => SessionVersion.Of(Payload, Subject);
    }
}
