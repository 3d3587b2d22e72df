namespace SessionStores.Protection.Tests;

/// <summary>Keys that differ in each run.</summary>
internal static class Keys
{
    public static readonly string Old = New();
    public static readonly string Current = New();

    public static string New() => Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    /// <summary>Options with these keys, the current one first.</summary>
    public static SessionProtectionOptions Options(params string[] keys)
    {
        var options = new SessionProtectionOptions();
        foreach (var key in keys)
            options.Keys.Add(key);

        return options;
    }
}
