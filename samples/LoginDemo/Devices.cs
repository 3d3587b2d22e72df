using SessionStores.AspNetCore;

namespace LoginDemo;

/// <summary>The page with the devices of a user. Forms without JavaScript; <c>SameSite=Lax</c> keeps the cookie out of forms of other sites.</summary>
internal static class Devices
{
    private const int PageSize = 20;

    // The first that is contained counts: browsers also name those that they are compatible with.
    private static readonly (string Text, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Text, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    public static void MapDevices(this WebApplication app)
    {
        app.MapGet("/devices", async (HttpContext context, HttpSession session, SessionAccess sessions, string? page) =>
        {
            if (session.Subject is not { } user)
                return Results.Content(Pages.LogInFirst, Pages.Html);

            var devices = await sessions.PageBySubjectAsync(user, PageSize, page, await context.GetSessionIdsAsync());
            return Results.Content(Pages.Devices(devices), Pages.Html);
        });

        app.MapPost("/devices/{handle}/end", async (HttpSession session, SessionAccess sessions, string handle) =>
        {
            if (handle == session.Handle)
                await session.DestroyAsync(); // clears the cookie of this browser too
            else if (session.Subject is { } user)
                await sessions.DestroyByHandleAsync(user, handle);

            return Results.Redirect("/devices");
        });

        app.MapPost("/devices/end-others", async (HttpContext context, HttpSession session, SessionAccess sessions) =>
        {
            if (session.Subject is { } user)
                await sessions.DestroyBySubjectAsync(user, await context.GetSessionIdsAsync());

            return Results.Redirect("/devices");
        });
    }

    /// <summary>Says in a few words which browser sent a request, such as "Firefox on Windows".</summary>
    public static string Describe(string userAgent)
    {
        var (browser, system) = (Find(Browsers, userAgent), Find(Systems, userAgent));
        if (browser is not null)
            return system is null ? browser : $"{browser} on {system}";

        return userAgent.Length == 0 ? "An unknown browser" : userAgent;
    }

    private static string? Find((string Text, string Name)[] known, string userAgent) =>
        known.FirstOrDefault(each => userAgent.Contains(each.Text, StringComparison.Ordinal)).Name;
}
