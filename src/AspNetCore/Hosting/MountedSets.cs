namespace SessionStores.AspNetCore;

/// <summary>The sets of sessions that are in the pipeline of the application. Two of them must not use one cookie.</summary>
internal sealed class MountedSets
{
    private readonly List<SessionSet> _sets = [];

    /// <summary>Whether <c>HttpContext.Session</c> is the default set.</summary>
    public bool ServeHttpContextSession => Find("") is { Options.ServeHttpContextSession: true };

    public SessionSet? Find(string name)
    {
        lock (_sets)
            return _sets.Find(set => set.Name == name);
    }

    /// <summary>Adds a set that is put into the pipeline.</summary>
    /// <exception cref="InvalidOperationException">Another set uses the same cookie.</exception>
    public void Add(SessionSet added)
    {
        lock (_sets)
        {
            if (_sets.Contains(added))
                return;

            foreach (var other in _sets)
            {
                if (MeetIn(added.Options, other.Options))
                {
                    throw new InvalidOperationException(
                        $"The sets of sessions '{other.Name}' and '{added.Name}' both use the cookie '{added.Options.Name}' at overlapping paths, so that they would overwrite each other. Give one of them another SessionStoresOptions.Name, or a Cookie.Path that is not inside of the other's.");
                }

                if (added.Secrets.Any(secret => other.Secrets.Any(secret.IsSameAs)))
                    Log.SharedSecret(added.Logger, other.Name, added.Name);
            }

            _sets.Add(added);
        }
    }

    /// <summary>Whether a browser can send the cookies of both with one request. Cookies that are chosen by the request are not known.</summary>
    private static bool MeetIn(SessionStoresOptions one, SessionStoresOptions other) =>
        one.Name == other.Name && one.CookieFor is null && other.CookieFor is null &&
        (CookieRules.PathMatches(one.Cookie.Path, other.Cookie.Path) || CookieRules.PathMatches(other.Cookie.Path, one.Cookie.Path)) &&
        (one.Cookie.Domain is not { } domain || other.Cookie.Domain is not { } otherDomain || CookieRules.IsWithin(domain, otherDomain) || CookieRules.IsWithin(otherDomain, domain));
}
