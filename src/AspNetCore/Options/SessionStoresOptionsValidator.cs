using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>Validates the options when the application starts.</summary>
internal sealed class SessionStoresOptionsValidator(TimeProvider clock, IHostEnvironment? environment = null) : IValidateOptions<SessionStoresOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionStoresOptions options)
    {
        var problems = options.Validate(clock.GetUtcNow()).ToList();
        if (!options.AllowWeakSecrets && environment?.IsDevelopment() != true)
            problems.AddRange(WeakSecrets(options));

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> WeakSecrets(SessionStoresOptions options) => (options.Secrets ?? [])
        .Select((secret, index) => (secret?.Weakness, Number: index + 1))
        .Where(secret => secret.Weakness is not null)
        .Select(secret => $"SessionStoresOptions.Secrets must be random outside of Development, but secret {secret.Number} {secret.Weakness}: whoever guesses it can sign in as anyone. Use the output of: openssl rand -base64 32. To share a secret that an Express application cannot change, set AllowWeakSecrets.");
}
