using Microsoft.AspNetCore.Http;

namespace SessionStores.Dashboard;

/// <summary>The style sheet, which is part of the assembly: the dashboard needs no other place.</summary>
internal static class DashboardStyle
{
    private static readonly byte[] Content = Read();

    public static async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/css; charset=utf-8";
        context.Response.Headers.CacheControl = "private, max-age=3600";
        await context.Response.Body.WriteAsync(Content, context.RequestAborted);
    }

    private static byte[] Read()
    {
        using var stream = typeof(DashboardStyle).Assembly.GetManifestResourceStream("dashboard.css")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
