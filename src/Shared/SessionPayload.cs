using System.Text;
using System.Text.Json;

namespace SessionStores;

/// <summary>The limits of a slide that a payload sets. To a store everything else in a payload is opaque.</summary>
internal static class SessionPayload
{
    private static readonly byte[] Cookie = Encoding.UTF8.GetBytes(ReservedMembers.Cookie);
    private static readonly byte[] Absolute = Encoding.UTF8.GetBytes(ReservedMembers.Absolute);

    /// <summary>The latest instant to which a slide may move a record with this payload.</summary>
    /// <remarks>
    /// The earlier of <paramref name="now"/> plus <c>cookie.originalMaxAge</c> (milliseconds) and <see cref="ReservedMembers.Absolute"/>
    /// (milliseconds since 1970). A member that is absent or not a number sets no limit; of duplicate members the last counts, as in
    /// JavaScript. A payload that is not JSON is not extended: the limit is <paramref name="now"/>.
    /// </remarks>
    public static DateTimeOffset SlideLimit(ReadOnlySpan<byte> payload, DateTimeOffset now)
    {
        double? idle = null;
        double? absolute = null;
        try
        {
            var members = new JsonMembers(payload);
            while (members.MoveNext())
                ReadLimit(ref members, ref idle, ref absolute);
        }
        catch (JsonException)
        {
            return now;
        }

        var limit = SessionExpiry.Never;
        if (idle is { } milliseconds)
            limit = After(now, milliseconds);

        if (absolute is { } since1970)
        {
            var end = After(DateTimeOffset.UnixEpoch, since1970);
            limit = end < limit ? end : limit;
        }

        return limit;
    }

    /// <summary>Reads the current member when it sets a limit; of duplicates the last counts. Another one is left for the caller.</summary>
    /// <param name="members">The members of a payload, at one of them.</param>
    /// <param name="idle">The idle time in milliseconds.</param>
    /// <param name="absolute">The absolute limit in milliseconds since 1970.</param>
    /// <returns>True when it was such a member.</returns>
    public static bool ReadLimit(ref JsonMembers members, ref double? idle, ref double? absolute)
    {
        if (members.NameEquals(Cookie))
            idle = OriginalMaxAge(ref members.Value);
        else if (members.NameEquals(Absolute))
            absolute = Number(ref members.Value);
        else
            return false;

        return true;
    }

    private static double? OriginalMaxAge(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        double? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIdle = JsonMembers.IsNamed(ref reader, "originalMaxAge"u8);
            reader.Read();
            if (isIdle)
                found = Number(ref reader);
            else
                reader.Skip();
        }

        return found;
    }

    private static double? Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number))
            return number;

        reader.Skip();
        return null;
    }

    private static DateTimeOffset After(DateTimeOffset start, double milliseconds)
    {
        if (milliseconds <= 0)
            return start;

        var room = (SessionExpiry.Never - start).TotalMilliseconds;
        return milliseconds >= room ? SessionExpiry.Never : SessionExpiry.Add(start, TimeSpan.FromMilliseconds(milliseconds));
    }
}
