using System.Globalization;

namespace SessionStores.Dashboard.Pages;

/// <summary>Texts that several pages show.</summary>
internal static class PageText
{
    public static string Live(long count) => count == 1 ? "1 session is live." : string.Create(CultureInfo.InvariantCulture, $"{count:N0} sessions are live.");
}
