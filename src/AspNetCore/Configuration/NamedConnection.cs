using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SessionStores.AspNetCore;

/// <summary>Finds the connection string that a setting names instead of containing it, as <c>ConnectionStrings:cache</c>, <c>Name=cache</c> or just
/// <c>cache</c>.</summary>
internal static class NamedConnection
{
    private const string Section = "ConnectionStrings";
    private static readonly string[] Prefixes = [Section + ":", "Name="];

    /// <summary>The connection string that is meant.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="path">Where it is, for the problem.</param>
    /// <param name="application">The configuration of the application; null if it is unknown.</param>
    /// <param name="isServer">Whether the store is on a server, so that a single word can only be a name. Another store may connect to a folder.</param>
    /// <returns>The connection string, or the problem.</returns>
    public static (string? Connection, string? Problem) Resolve(string text, string path, IConfiguration? application, bool isServer)
    {
        var prefix = Prefixes.FirstOrDefault(prefix => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        var name = text[(prefix?.Length ?? 0)..].Trim();
        if (application?.GetSection(Section).GetChildren().FirstOrDefault(each => each.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Value: { } connection } named)
        {
            return connection.Length > 0
                ? (connection, null)
                : (null, $"{path} names the connection string '{named.Key}', which is empty: {named.Path} has no text. Set it, such as with the environment variable {Section}__{named.Key}.");
        }

        if (prefix is null && !(isServer && IsWord(name)))
            return (text, null);

        var known = application?.GetSection(Section).GetChildren().Select(each => each.Key).ToList() ?? [];
        var hint = NearestName.Find(name, known) is { } nearest ? $"did you mean {nearest}?" : known.Count == 0 ? "no connection string is." : $"known are {string.Join(", ", known)}.";
        var instead = prefix is null ? $" A host of Redis needs its port, such as {name}:6379." : "";
        return (null, $"{path} names the connection string '{name}', which is not configured in {Section}; {hint}{instead}");
    }

    /// <summary>Whether a text can be a name, and hardly a host: Redis would try to reach it until the outage is noticed.</summary>
    private static bool IsWord(string text) =>
        text != "localhost" && text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>The configuration of the application that is being put together.</summary>
    public static IConfiguration? OfApplication(IServiceCollection services, IConfiguration sessions)
    {
        var host = services.LastOrDefault(service => service.ServiceType == typeof(HostBuilderContext))?.ImplementationInstance as HostBuilderContext;
        return host?.Configuration
            ?? services.LastOrDefault(service => service.ServiceType == typeof(IConfiguration))?.ImplementationInstance as IConfiguration
            ?? sessions as IConfigurationRoot;
    }
}
