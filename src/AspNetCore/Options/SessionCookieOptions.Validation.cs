namespace SessionStores.AspNetCore;

/// <content>The rules of the cookie.</content>
public sealed partial class SessionCookieOptions
{
    /// <summary>Whether the cookie of a request over HTTPS differs from that of another request.</summary>
    internal bool DependsOnHttps => Secure == SessionCookieSecurity.Auto || SameSite == SessionSameSite.Auto;

    /// <summary>Whether the cookie has Secure in every request. Where the exception for local development applies, these options are replaced first
    /// (<see cref="SessionSet"/>).</summary>
    internal bool IsAlwaysSecure => Secure is SessionCookieSecurity.Always or SessionCookieSecurity.ExceptLocalDevelopment;

    /// <summary>Whether a cookie without Secure can be used in local development.</summary>
    internal bool MayBeInsecureLocally => Secure == SessionCookieSecurity.ExceptLocalDevelopment && SameSite != SessionSameSite.None && !Partitioned;

    /// <summary>Returns every problem of the cookie as a full sentence.</summary>
    internal IReadOnlyList<string> Validate(string name, DateTimeOffset now)
    {
        var problems = new List<string>();
        if (!CookieRules.IsPath(Path))
            problems.Add($"SessionStoresOptions.Cookie.Path must start with '/' and consist of printable ASCII without ';', but is '{Path}'.");

        if (Domain is not null && !CookieRules.IsDomain(Domain))
            problems.Add($"SessionStoresOptions.Cookie.Domain must be null or a host name such as example.com, but is '{Domain}'.");

        if (MaxAge <= TimeSpan.Zero)
            problems.Add($"SessionStoresOptions.Cookie.MaxAge must be null or longer than zero, but is {MaxAge}.");

        if (Expires <= now)
            problems.Add($"SessionStoresOptions.Cookie.Expires must be null or in the future, but is {Expires:O}.");

        if (MaxAge is not null && Expires is not null)
            problems.Add("SessionStoresOptions.Cookie.MaxAge and Cookie.Expires must not both be set. Set one of them, or neither.");

        SessionStoresOptions.AddUndefined(Secure, "Cookie.Secure", problems);
        SessionStoresOptions.AddUndefined(SameSite, "Cookie.SameSite", problems);
        SessionStoresOptions.AddUndefined(Priority, "Cookie.Priority", problems);
        if (Secure == SessionCookieSecurity.Never)
        {
            if (SameSite == SessionSameSite.None)
                problems.Add("SessionStoresOptions.Cookie.SameSite must be Unset, Strict, Lax or Auto while Cookie.Secure is Never: browsers drop SameSite=None without Secure. Set Cookie.Secure to Always or Auto.");

            if (Partitioned)
                problems.Add("SessionStoresOptions.Cookie.Partitioned must be false while Cookie.Secure is Never: browsers drop such a cookie. Set Cookie.Secure to Always or Auto.");
        }

        AddPrefixProblems(name, problems);
        return problems;
    }

    internal SessionCookieOptions Copy() => (SessionCookieOptions)MemberwiseClone();

    /// <summary>Returns these options for a request in local development.</summary>
    internal SessionCookieOptions Locally()
    {
        var copy = Copy();
        copy.Secure = SessionCookieSecurity.Auto;
        return copy;
    }

    /// <summary>Whether a cookie that is created for a request has Secure.</summary>
    internal bool IsSecureFor(bool isSecureRequest) => IsAlwaysSecure || (Secure == SessionCookieSecurity.Auto && isSecureRequest);

    private void AddPrefixProblems(string? name, List<string> problems)
    {
        // Browsers compare these prefixes without regard to case.
        if (name?.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) == true)
        {
            if (Secure != SessionCookieSecurity.Always || Path != "/" || Domain is not null)
                problems.Add($"SessionStoresOptions.Name '{name}' has the prefix __Host-, which needs Cookie.Secure Always, Cookie.Path '/' and no Cookie.Domain.");
        }
        else if (name?.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase) == true && Secure != SessionCookieSecurity.Always)
        {
            problems.Add($"SessionStoresOptions.Name '{name}' has the prefix __Secure-, which needs Cookie.Secure Always.");
        }
    }
}
