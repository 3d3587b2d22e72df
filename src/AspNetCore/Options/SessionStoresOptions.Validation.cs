namespace SessionStores.AspNetCore;

/// <content>The rules of the options.</content>
public sealed partial class SessionStoresOptions
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestRotationGrace = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(30);

    /// <summary>Returns every problem of the options as a full sentence.</summary>
    internal IReadOnlyList<string> Validate(DateTimeOffset now)
    {
        var problems = new List<string>();
        if (Secrets is not { Count: > 0 })
            problems.Add("SessionStoresOptions.Secrets must have at least one secret, but is empty. Set the configuration value SessionSecret to the output of: openssl rand -base64 32 (or call options.Secrets.Add: the first secret signs, all verify).");
        else if (Secrets.Any(secret => secret is null))
            problems.Add("SessionStoresOptions.Secrets must not contain null. A secret is text or bytes, and is not empty.");

        if (!CookieRules.IsToken(Name))
            problems.Add($"SessionStoresOptions.Name must be a cookie name of letters, digits and !#$%&'*+-.^_`|~ only, but is '{Name}'.");

        if (IdleTimeout <= TimeSpan.Zero)
            problems.Add($"SessionStoresOptions.IdleTimeout must be longer than zero, but is {IdleTimeout}.");

        if (AbsoluteTimeout <= TimeSpan.Zero)
            problems.Add($"SessionStoresOptions.AbsoluteTimeout must be null or longer than zero, but is {AbsoluteTimeout}.");

        if (TouchAfter is not (>= 0 and <= 0.9))
            problems.Add(FormattableString.Invariant($"SessionStoresOptions.TouchAfter must be 0 to 0.9, but is {TouchAfter}."));

        if (RotationGrace < TimeSpan.Zero || RotationGrace > LongestRotationGrace)
            problems.Add($"SessionStoresOptions.RotationGrace must be 0 to 4 minutes, but is {RotationGrace}.");

        if (MaxMergeAttempts is < 1 or > 1000)
            problems.Add($"SessionStoresOptions.MaxMergeAttempts must be 1 to 1000, but is {MaxMergeAttempts}.");

        if (SessionsPerSubject is { Most: 0 })
            problems.Add("SessionStoresOptions.SessionsPerSubject must be null or a cap of SessionCap.Refuse or SessionCap.EndOldest, but is default(SessionCap).");

        if (RetryAfter < TimeSpan.FromSeconds(1) || RetryAfter > LongestRetryAfter)
            problems.Add($"SessionStoresOptions.RetryAfter must be 1 second to 1 day, but is {RetryAfter}.");

        if (OperationTimeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout > TimeSpan.FromHours(1)))
            problems.Add($"SessionStoresOptions.OperationTimeout must be null or 1 millisecond to 1 hour, but is {timeout}.");

        if (EventTimeout < TimeSpan.FromMilliseconds(1) || EventTimeout > TimeSpan.FromMinutes(1))
            problems.Add($"SessionStoresOptions.EventTimeout must be 1 millisecond to 1 minute, but is {EventTimeout}.");

        AddInterval(PruneInterval, nameof(PruneInterval), problems);
        AddInterval(CountInterval, nameof(CountInterval), problems);
        AddUndefined(Unset, nameof(Unset), problems);
        AddUndefined(Outage, nameof(Outage), problems);
        AddUndefined(Clashes, nameof(Clashes), problems);
        if (Cookie is null)
            problems.Add("SessionStoresOptions.Cookie must not be null. Set its properties, or assign new SessionCookieOptions().");
        else if (CookieFor is null)
            problems.AddRange(Cookie.Validate(Name, now));

        return problems;
    }

    /// <summary>Returns a copy that later changes of these options do not reach.</summary>
    internal SessionStoresOptions Copy()
    {
        var copy = (SessionStoresOptions)MemberwiseClone();
        copy.Secrets = [.. Secrets];
        copy.Cookie = Cookie.Copy();
        copy.ClashResolvers = new Dictionary<string, Func<SessionClash, ReadOnlyMemory<byte>?>>(ClashResolvers, StringComparer.Ordinal);
        return copy;
    }

    /// <summary>Adds a problem if an enumeration has a value without a name.</summary>
    internal static void AddUndefined<T>(T value, string option, List<string> problems)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            problems.Add($"SessionStoresOptions.{option} must be one of {string.Join(", ", Enum.GetNames<T>())}, but is {value}.");
    }

    private static void AddInterval(TimeSpan value, string option, List<string> problems)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < TimeSpan.FromSeconds(1) || value > LongestInterval))
            problems.Add($"SessionStoresOptions.{option} must be 1 second to 30 days, or Timeout.InfiniteTimeSpan for never, but is {value}.");
    }
}
