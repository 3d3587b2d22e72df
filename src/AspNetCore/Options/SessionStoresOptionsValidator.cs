using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>Validates the options when the application starts.</summary>
internal sealed class SessionStoresOptionsValidator(TimeProvider clock) : IValidateOptions<SessionStoresOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionStoresOptions options)
    {
        var problems = options.Validate(clock.GetUtcNow());
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
