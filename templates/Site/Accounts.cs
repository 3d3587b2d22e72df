using System.Security.Cryptography;
using System.Text;

namespace Site;

/// <summary>Who may log in. Replace it with the accounts of your application: these are the ones of the configuration section Accounts, and only
/// appsettings.Development.json has any.</summary>
public sealed class Accounts(IConfiguration configuration)
{
    public bool IsValid(string email, string password)
    {
        var account = configuration.GetSection("Accounts").GetChildren()
            .FirstOrDefault(account => string.Equals(account["Email"], email, StringComparison.OrdinalIgnoreCase));
        return account?["Password"] is { Length: > 0 } expected &&
            CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(password));
    }
}
