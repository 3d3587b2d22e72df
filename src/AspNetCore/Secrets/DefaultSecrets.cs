using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>The secrets of an application that sets none in its code: those of the configuration value <c>SessionSecret</c>, and in Development
/// one of the developer's machine.</summary>
internal sealed class DefaultSecrets(ILoggerFactory logging, IConfiguration? configuration = null, IHostEnvironment? environment = null) : IPostConfigureOptions<SessionStoresOptions>
{
    /// <summary>The configuration value: a text, or several, of which the first signs and all verify.</summary>
    public const string Key = "SessionSecret";

    public void PostConfigure(string? name, SessionStoresOptions options)
    {
        if (options.Secrets is not { Count: 0 })
            return;

        foreach (var secret in Configured())
            options.Secrets.Add(secret);

        if (options.Secrets.Count == 0 && environment?.IsDevelopment() == true)
            options.Secrets.Add(OfDevelopment(environment));
    }

    private IEnumerable<string> Configured()
    {
        if (configuration?.GetSection(Key) is not { } section)
            return [];

        return section.GetChildren().Select(child => child.Value).Prepend(section.Value).Where(secret => !string.IsNullOrEmpty(secret)).OfType<string>();
    }

    private string OfDevelopment(IHostEnvironment host)
    {
        var logger = logging.CreateLogger("SessionStores.AspNetCore");
        if (DevelopmentSecret.Folder.Length == 0)
        {
            Log.DevelopmentSecretNotKept(logger, "a file", "the user has no folder for the data of applications");
            return DevelopmentSecret.Create();
        }

        var file = DevelopmentSecret.FileOf(DevelopmentSecret.Folder, host.ApplicationName, host.ContentRootPath);
        try
        {
            var (secret, isNew) = DevelopmentSecret.FindOrCreate(file);
            if (isNew)
                Log.DevelopmentSecretCreated(logger, file);

            return secret;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.DevelopmentSecretNotKept(logger, file, failure.Message);
            return DevelopmentSecret.Create();
        }
    }
}
