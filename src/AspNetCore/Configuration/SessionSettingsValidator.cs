using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>Reports the problems of the configuration of one set of sessions, together with those of its options.</summary>
internal sealed class SessionSettingsValidator(string sessionsName, IReadOnlyList<string> problems) : IValidateOptions<SessionStoresOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionStoresOptions options)
    {
        if (name != sessionsName)
            return ValidateOptionsResult.Skip;

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
