using System.Globalization;
using System.Text;

namespace SessionStores.Postgres;

/// <summary>Checks options and names every problem at once.</summary>
internal static class PostgresStoreOptionsValidator
{
    /// <summary>NAMEDATALEN - 1: the server cuts longer identifiers off.</summary>
    internal const int MaxIdentifierBytes = 63;

    private const int MaxPayloadBytes = 268_435_456;

    public static void ThrowIfInvalid(PostgresStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();
        if (options.Schema is not null)
            CheckIdentifier(problems, nameof(options.Schema), options.Schema);

        CheckIdentifier(problems, nameof(options.Table), options.Table);
        if (options.TimeToLive is { } timeToLive)
            CheckRange(problems, nameof(options.TimeToLive), timeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365_000));

        if (options.PruneInterval is { } pruneInterval)
            CheckRange(problems, nameof(options.PruneInterval), pruneInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));

        CheckRange(problems, nameof(options.OperationTimeout), options.OperationTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        CheckRange(problems, nameof(options.SetUpTimeout), options.SetUpTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (options.MaxPayloadBytes is < 1 or > MaxPayloadBytes)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{nameof(PostgresStoreOptions)}.{nameof(options.MaxPayloadBytes)} must be 1 to {MaxPayloadBytes:N0}, but is {options.MaxPayloadBytes:N0}."));

        if (options.ExpireTimeZone is { } zone && (zone.Length is 0 or > 100 || zone.Any(char.IsControl)))
            problems.Add($"{nameof(PostgresStoreOptions)}.{nameof(options.ExpireTimeZone)} must be null or the name of a time zone such as Europe/Berlin, of 1 to 100 characters without control characters, but has {zone.Length} characters.");

        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
    }

    private static void CheckIdentifier(List<string> problems, string option, string? value)
    {
        var bytes = value is null ? 0 : Encoding.UTF8.GetByteCount(value);
        if (bytes is 0 or > MaxIdentifierBytes)
            problems.Add($"{nameof(PostgresStoreOptions)}.{option} must be an identifier of 1 to {MaxIdentifierBytes} bytes in UTF-8, but '{value}' has {bytes}.");
        else if (value!.Contains('\0', StringComparison.Ordinal))
            problems.Add($"{nameof(PostgresStoreOptions)}.{option} must not contain the character U+0000.");
    }

    private static void CheckRange(List<string> problems, string option, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            problems.Add($"{nameof(PostgresStoreOptions)}.{option} must be {least:c} to {most:c}, but is {value:c}.");
    }
}
