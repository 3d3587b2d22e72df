using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.Configuration;
using SessionStores.Protection;

namespace SessionStores.AspNetCore;

/// <summary>Protects the sessions as the section <c>Protection</c> of a configuration says.</summary>
internal static class ProtectionSettings
{
    public const string Section = "Protection";
    private const string Keys = "Keys";
    private const string DataProtection = "DataProtection";

    /// <summary>Reads the section, if there is one, and protects the store.</summary>
    /// <returns>The problems of the section.</returns>
    public static IReadOnlyList<string> Use(ISessionStoresBuilder builder, IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (!section.Exists())
            return [];

        var settings = new SessionStoreSettings(section.Path, section.AsEnumerable(makePathsRelative: true).Where(text => text.Value is not null && text.Key.Length > 0));
        var usesDataProtection = false;
        settings.Switch(DataProtection, value => usesDataProtection = value);
        settings.Attempt(() => Read(settings, section, new SessionProtectionOptions()));
        foreach (var key in Texts(section, Keys).Where(key => key.Value is { Length: > 0 } && Texts(configuration, SessionSettings.Secrets).Any(secret => secret.Value == key.Value)))
            settings.AddProblem($"{key.Path} is a secret of {configuration.GetSection(SessionSettings.Secrets).Path} too: whoever learns one of them has both. Use the output of: openssl rand -base64 32");

        settings.AddUnknown();
        if (usesDataProtection)
            builder.UseProtectionWithDataProtection(options => Read(settings, section, options));
        else if (settings.Problems.Count == 0)
            settings.Attempt(() => builder.UseProtection(options => Read(settings, section, options)));

        return settings.Problems;
    }

    /// <summary>A setting that is one text or several.</summary>
    private static IEnumerable<IConfigurationSection> Texts(IConfiguration configuration, string name) =>
        configuration.GetSection(name).GetChildren().Prepend(configuration.GetSection(name));

    private static void Read(SessionStoreSettings settings, IConfiguration section, SessionProtectionOptions options)
    {
        settings.Text(Keys, text => options.Keys.Add(text));
        foreach (var key in section.GetSection(Keys).GetChildren())
            settings.Text($"{Keys}:{key.Key}", text => options.Keys.Add(text));

        settings.Duration(nameof(options.KeyRefreshInterval), value => options.KeyRefreshInterval = value);
        settings.Switch(nameof(options.HashSubjects), value => options.HashSubjects = value);
        settings.Switch(nameof(options.AcceptUnprotected), value => options.AcceptUnprotected = value);
        settings.WholeNumber(nameof(options.MaxPayloadBytes), (int value) => options.MaxPayloadBytes = value);
    }
}
