using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>Checks the options when the application starts and names every problem at once.</summary>
internal sealed class SessionStoresOptionsValidator(TimeProvider clock) : IValidateOptions<SessionStoresOptions>
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, SessionStoresOptions options)
    {
        var problems = new List<string>();
        AddProblems(options, problems);
        if (options.CookieFor is null)
            AddCookieProblems(options.Cookie, options.Name, clock.GetUtcNow(), problems);

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>The problems of a cookie, as full sentences.</summary>
    public static void AddCookieProblems(SessionCookieOptions? cookie, string name, DateTimeOffset now, List<string> problems)
    {
        if (cookie is null)
        {
            problems.Add("SessionStoresOptions.Cookie must not be null.");
            return;
        }

        if (!CookieRules.IsPath(cookie.Path))
            problems.Add($"SessionStoresOptions.Cookie.Path must start with '/' and hold printable ASCII without ';', but is '{cookie.Path}'.");

        if (cookie.Domain is not null && !CookieRules.IsDomain(cookie.Domain))
            problems.Add($"SessionStoresOptions.Cookie.Domain must be null or a host name such as example.com, but is '{cookie.Domain}'.");

        if (cookie.MaxAge <= TimeSpan.Zero)
            problems.Add($"SessionStoresOptions.Cookie.MaxAge must be null or longer than zero, but is {cookie.MaxAge}.");

        if (cookie.Expires <= now)
            problems.Add($"SessionStoresOptions.Cookie.Expires must be null or in the future, but is {cookie.Expires:O}.");

        if (cookie is { MaxAge: not null, Expires: not null })
            problems.Add("SessionStoresOptions.Cookie.MaxAge and Cookie.Expires must not both be set; the allowed values are one of them, or none.");

        AddUndefined(cookie.Secure, "Cookie.Secure", problems);
        AddUndefined(cookie.SameSite, "Cookie.SameSite", problems);
        AddUndefined(cookie.Priority, "Cookie.Priority", problems);
        if (cookie is { SameSite: SessionSameSite.None, Secure: SessionCookieSecurity.Never })
            problems.Add("SessionStoresOptions.Cookie.SameSite must be Unset, Strict, Lax or Auto while Cookie.Secure is Never: browsers drop SameSite=None without Secure. Set Cookie.Secure to Always or Auto.");

        if (cookie is { Partitioned: true, Secure: SessionCookieSecurity.Never })
            problems.Add("SessionStoresOptions.Cookie.Partitioned must be false while Cookie.Secure is Never: browsers drop such a cookie. Set Cookie.Secure to Always or Auto.");

        AddPrefixProblems(cookie, name, problems);
    }

    private static void AddProblems(SessionStoresOptions options, List<string> problems)
    {
        if (options.Secrets is not { Count: > 0 })
            problems.Add("SessionStoresOptions.Secrets must hold at least one secret; the first signs, all verify.");
        else if (options.Secrets.Any(secret => secret is null))
            problems.Add("SessionStoresOptions.Secrets must not hold null; allowed are texts and byte arrays that are not empty.");

        if (!CookieRules.IsToken(options.Name))
            problems.Add($"SessionStoresOptions.Name must be a cookie name of letters, digits and !#$%&'*+-.^_`|~ only, but is '{options.Name}'.");

        if (options.IdleTimeout <= TimeSpan.Zero)
            problems.Add($"SessionStoresOptions.IdleTimeout must be longer than zero, but is {options.IdleTimeout}.");

        if (options.AbsoluteTimeout <= TimeSpan.Zero)
            problems.Add($"SessionStoresOptions.AbsoluteTimeout must be null or longer than zero, but is {options.AbsoluteTimeout}.");

        if (options.TouchAfter is not (>= 0 and <= 0.9))
            problems.Add(FormattableString.Invariant($"SessionStoresOptions.TouchAfter must be 0 to 0.9, but is {options.TouchAfter}."));

        if (options.MaxMergeAttempts is < 1 or > 1000)
            problems.Add($"SessionStoresOptions.MaxMergeAttempts must be 1 to 1000, but is {options.MaxMergeAttempts}.");

        if (options.RetryAfter < TimeSpan.FromSeconds(1) || options.RetryAfter > LongestRetryAfter)
            problems.Add($"SessionStoresOptions.RetryAfter must be 1 second to 1 day, but is {options.RetryAfter}.");

        if (options.OperationTimeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout > TimeSpan.FromHours(1)))
            problems.Add($"SessionStoresOptions.OperationTimeout must be null or 1 millisecond to 1 hour, but is {timeout}.");

        AddInterval(options.PruneInterval, nameof(options.PruneInterval), problems);
        AddInterval(options.CountInterval, nameof(options.CountInterval), problems);
        AddUndefined(options.Unset, nameof(options.Unset), problems);
        AddUndefined(options.Outage, nameof(options.Outage), problems);
        AddUndefined(options.Clashes, nameof(options.Clashes), problems);
    }

    private static void AddInterval(TimeSpan value, string option, List<string> problems)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < TimeSpan.FromSeconds(1) || value > LongestInterval))
            problems.Add($"SessionStoresOptions.{option} must be 1 second to 30 days, or Timeout.InfiniteTimeSpan for never, but is {value}.");
    }

    private static void AddPrefixProblems(SessionCookieOptions cookie, string? name, List<string> problems)
    {
        // Browsers compare these prefixes without regard to case.
        if (name?.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) == true)
        {
            if (cookie.Secure != SessionCookieSecurity.Always || cookie.Path != "/" || cookie.Domain is not null)
                problems.Add($"SessionStoresOptions.Name '{name}' has the prefix __Host-, which needs Cookie.Secure Always, Cookie.Path '/' and no Cookie.Domain.");
        }
        else if (name?.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase) == true && cookie.Secure != SessionCookieSecurity.Always)
        {
            problems.Add($"SessionStoresOptions.Name '{name}' has the prefix __Secure-, which needs Cookie.Secure Always.");
        }
    }

    private static void AddUndefined<T>(T value, string option, List<string> problems)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            problems.Add($"SessionStoresOptions.{option} must be one of {string.Join(", ", Enum.GetNames<T>())}, but is {value}.");
    }
}
