using Microsoft.Extensions.Configuration;
using SessionStores.Configuration;

namespace SessionStores.AspNetCore;

/// <summary>Reads <see cref="SessionStoresOptions"/> and the store from a configuration section. Every option is bound by name, so that
/// trimming removes nothing and unknown names are reported.</summary>
internal static class SessionSettings
{
    public const string Store = "Store";
    public const string Provider = "Provider";
    public const string Secrets = "Secrets";
    private const string Connection = "Connection";

    /// <summary>The settings of a section. Its sections <c>Store</c>, <c>Protection</c> and <c>FrameworkSessions</c> are read separately.</summary>
    public static SessionStoreSettings Of(IConfiguration configuration) =>
        new(PathOf(configuration), Texts(configuration).Where(text => !new[] { Store, ProtectionSettings.Section, FrameworkSessionSettings.Section }.Any(section => IsIn(text.Key, section))));

    /// <summary>The settings of a store, with the connection string where the application only names it. What the section holds of a move and of protection
    /// is read separately.</summary>
    public static SessionStoreSettings OfStore(IConfigurationSection store, IConfiguration? application)
    {
        var own = Texts(store).Where(text => !IsIn(text.Key, MovingSettings.Section) && !IsIn(text.Key, ProtectionSettings.Section));
        var texts = new Dictionary<string, string?>(own, StringComparer.OrdinalIgnoreCase);
        string? problem = null;
        if (texts.TryGetValue(Connection, out var text) && text is not null)
            (texts[Connection], problem) = NamedConnection.Resolve(text, $"{store.Path}:{Connection}", application, SessionStoreProviders.IsServer(texts.GetValueOrDefault(Provider)));

        var settings = new SessionStoreSettings(store.Path, texts);
        if (problem is not null)
            settings.AddProblem(problem);

        return settings;
    }

    public static void Read(SessionStoreSettings settings, IConfiguration configuration, SessionStoresOptions options)
    {
        settings.Switch("ExpressDefaults", value =>
        {
            if (value)
                options.UseExpressDefaults();
        });
        ReadSecrets(settings, configuration, options);
        settings.Switch(nameof(options.AllowWeakSecrets), value => options.AllowWeakSecrets = value);
        settings.Text(nameof(options.Name), value => options.Name = value);
        settings.Switch(nameof(options.Resave), value => options.Resave = value);
        settings.Switch(nameof(options.SaveUninitialized), value => options.SaveUninitialized = value);
        settings.Switch(nameof(options.Rolling), value => options.Rolling = value);
        settings.Choice<UnsetBehavior>(nameof(options.Unset), value => options.Unset = value);
        settings.Switch(nameof(options.ClearCookieOnDestroy), value => options.ClearCookieOnDestroy = value);
        settings.Switch(nameof(options.Proxy), value => options.Proxy = value);
        ReadCookie(settings, options.Cookie);
        settings.Switch("HostPrefix", value =>
        {
            if (value)
                options.UseHostPrefix();
        });
        settings.Duration(nameof(options.IdleTimeout), value => options.IdleTimeout = value);
        settings.Duration(nameof(options.AbsoluteTimeout), value => options.AbsoluteTimeout = value);
        settings.Number(nameof(options.TouchAfter), value => options.TouchAfter = value);
        settings.Duration(nameof(options.RotationGrace), value => options.RotationGrace = value);
        settings.WholeNumber(nameof(options.MaxMergeAttempts), (int value) => options.MaxMergeAttempts = value);
        settings.Choice<ClashResolution>(nameof(options.Clashes), value => options.Clashes = value);
        settings.Choice<OutagePolicy>(nameof(options.Outage), value => options.Outage = value);
        settings.Duration(nameof(options.RetryAfter), value => options.RetryAfter = value);
        settings.Duration(nameof(options.OperationTimeout), value => options.OperationTimeout = value);
        settings.Duration(nameof(options.EventTimeout), value => options.EventTimeout = value);
        settings.Switch(nameof(options.ServeHttpContextSession), value => options.ServeHttpContextSession = value);
        settings.Switch(nameof(options.ShareWithExpress), value => options.ShareWithExpress = value);
        settings.Switch(nameof(options.PreventCaching), value => options.PreventCaching = value);
        settings.Duration(nameof(options.PruneInterval), value => options.PruneInterval = value);
        settings.Duration(nameof(options.CountInterval), value => options.CountInterval = value);
    }

    private static void ReadCookie(SessionStoreSettings settings, SessionCookieOptions cookie)
    {
        settings.Text(Cookie(nameof(cookie.Path)), value => cookie.Path = value);
        settings.Text(Cookie(nameof(cookie.Domain)), value => cookie.Domain = value.Length == 0 ? null : value);
        settings.Duration(Cookie(nameof(cookie.MaxAge)), value => cookie.MaxAge = value);
        settings.Instant(Cookie(nameof(cookie.Expires)), value => cookie.Expires = value);
        settings.Switch(Cookie(nameof(cookie.HttpOnly)), value => cookie.HttpOnly = value);
        settings.Choice<SessionCookieSecurity>(Cookie(nameof(cookie.Secure)), value => cookie.Secure = value);
        settings.Choice<SessionSameSite>(Cookie(nameof(cookie.SameSite)), value => cookie.SameSite = value);
        settings.Switch(Cookie(nameof(cookie.IsEssential)), value => cookie.IsEssential = value);
        settings.Switch(Cookie(nameof(cookie.Partitioned)), value => cookie.Partitioned = value);
        settings.Choice<SessionCookiePriority>(Cookie(nameof(cookie.Priority)), value => cookie.Priority = value);
    }

    /// <summary>One secret as <c>Secrets</c>, or several as an array, the first of which signs.</summary>
    private static void ReadSecrets(SessionStoreSettings settings, IConfiguration configuration, SessionStoresOptions options)
    {
        settings.Text(Secrets, Add);
        foreach (var secret in configuration.GetSection(Secrets).GetChildren())
            settings.Text($"{Secrets}:{secret.Key}", Add);

        void Add(string secret)
        {
            if (secret.Length > 0)
                options.Secrets.Add(secret);
            else
                settings.AddProblem($"{PathOf(configuration.GetSection(Secrets))} must not contain an empty text. Use the output of: openssl rand -base64 32");
        }
    }

    private static string Cookie(string name) => $"{nameof(SessionStoresOptions.Cookie)}:{name}";

    private static bool IsIn(string key, string section) =>
        key.Equals(section, StringComparison.OrdinalIgnoreCase) || key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<KeyValuePair<string, string?>> Texts(IConfiguration configuration) =>
        configuration.AsEnumerable(makePathsRelative: true).Where(text => text.Value is not null && text.Key.Length > 0);

    private static string PathOf(IConfiguration configuration) => configuration is IConfigurationSection section ? section.Path : "";
}
