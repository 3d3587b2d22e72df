using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.Configuration;

namespace SessionStores.AspNetCore;

/// <summary>Takes over the sessions of ASP.NET Core's own middleware as the section <c>FrameworkSessions</c> of a configuration says.</summary>
internal static class FrameworkSessionSettings
{
    public const string Section = "FrameworkSessions";
    private const string Move = "Move";

    /// <summary>Reads the section, if there is one.</summary>
    /// <returns>The problems of the section.</returns>
    public static IReadOnlyList<string> Use(ISessionStoresBuilder builder, IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (!section.Exists())
            return [];

        var settings = new SessionStoreSettings(section.Path, section.AsEnumerable(makePathsRelative: true).Where(text => text.Value is not null && text.Key.Length > 0));
        var isOn = false;
        settings.Switch(Move, value => isOn = value);
        settings.Attempt(() => Read(settings, new SessionOptions()));
        settings.AddUnknown();
        if (isOn && settings.Problems.Count == 0)
            settings.Attempt(() => builder.MoveFrameworkSessions(options => Read(settings, options)));

        return settings.Problems;
    }

    private static void Read(SessionStoreSettings settings, SessionOptions options)
    {
        settings.Text("Cookie:Name", value => options.Cookie.Name = value);
        settings.Text("Cookie:Path", value => options.Cookie.Path = value);
        settings.Text("Cookie:Domain", value => options.Cookie.Domain = value.Length == 0 ? null : value);
        settings.Duration(nameof(options.IdleTimeout), value => options.IdleTimeout = value);
        settings.Duration(nameof(options.IOTimeout), value => options.IOTimeout = value);
    }
}
