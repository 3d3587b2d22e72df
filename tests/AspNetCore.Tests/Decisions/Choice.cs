namespace SessionStores.AspNetCore.Tests.Decisions;

/// <summary>One combination of options.</summary>
public sealed record Choice(bool SaveUninitialized, bool Resave, bool Rolling, bool HasMaxAge)
{
    public static IEnumerable<Choice> All =>
        from saveUninitialized in new[] { false, true }
        from resave in new[] { false, true }
        from rolling in new[] { false, true }
        from hasMaxAge in new[] { false, true }
        select new Choice(saveUninitialized, resave, rolling, hasMaxAge);

    public void Apply(SessionStoresOptions options, UnsetBehavior unset)
    {
        options.SaveUninitialized = SaveUninitialized;
        options.Resave = Resave;
        options.Rolling = Rolling;
        options.Unset = unset;
        options.Cookie.MaxAge = HasMaxAge ? TimeSpan.FromHours(1) : null;

        // Express-session extends on every request.
        options.TouchAfter = 0;
    }
}
