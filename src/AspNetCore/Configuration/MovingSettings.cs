using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.Configuration;
using SessionStores.Moving;

namespace SessionStores.AspNetCore;

/// <summary>Moves the sessions from the store that the section <c>MovingFrom</c> of a store names.</summary>
internal static class MovingSettings
{
    public const string Section = "MovingFrom";
    private const string Stage = "Stage";

    /// <summary>Reads the section, if there is one, and puts the move in front of the store.</summary>
    /// <returns>The problems of the section.</returns>
    public static IReadOnlyList<string> Use(
        ISessionStoresBuilder builder, IConfigurationSection section, IConfiguration? application, Action<ISessionStoresBuilder, SessionStoreSettings, string> chooseStore)
    {
        if (!section.Exists())
            return [];

        var settings = SessionSettings.OfStore(section, application);
        IReadOnlyList<string> protection = [];
        var stage = MovingStage.Move;
        settings.Choice<MovingStage>(Stage, value => stage = value);
        try
        {
            builder.UseMovingFrom(
                from =>
                {
                    chooseStore(from, settings, section.Path);
                    protection = ProtectionSettings.Use(from, section);
                },
                options => options.Stage = stage);
        }
        catch (ArgumentException) when (settings.Problems.Count > 0)
        {
            // The old side has no store, for the reasons that are reported.
        }

        return [.. settings.Problems, .. protection];
    }
}
