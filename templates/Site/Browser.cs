namespace Site;

/// <summary>Says in a few words which browser sent a request, such as "Firefox on Windows".</summary>
public static class Browser
{
    // The first that is contained counts: browsers also name those that they are compatible with.
    private static readonly (string Text, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Text, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    public static string Describe(string userAgent)
    {
        var (browser, system) = (Find(Browsers, userAgent), Find(Systems, userAgent));
        if (browser is not null)
            return system is null ? browser : $"{browser} on {system}";

        return userAgent.Length == 0 ? "An unknown browser" : userAgent[..Math.Min(userAgent.Length, 60)];
    }

    private static string? Find((string Text, string Name)[] known, string userAgent) =>
        known.FirstOrDefault(each => userAgent.Contains(each.Text, StringComparison.Ordinal)).Name;
}
