namespace SessionStores;

/// <summary>Keys beside subjects (L24): where one index, or one continuation of a page, serves both, a key has a name that no subject has.</summary>
internal static class KeyIndex
{
    /// <summary>What the name of a key begins with: a control character, which no subject has.</summary>
    public const string Mark = "\u0002";

    /// <summary>The name of a key.</summary>
    public static string NameOf(string key) => Mark + key;
}
