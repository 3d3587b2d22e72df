using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using SessionStores.AspNetCore;

namespace Site.Pages;

public sealed class DevicesModel(SessionAccess sessions) : PageModel
{
    public List<Device> Devices { get; } = [];

    private string? CurrentUser => HttpContext.GetHttpSession()?.Subject;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        if (CurrentUser is not { } user)
            return RedirectToPage("/Login");

        // The id of a session is a secret: it is compared here and never sent to the browser.
        var here = await HttpContext.GetSessionIdsAsync();
        await foreach (var session in sessions.ListBySubjectAsync(user, cancellationToken))
        {
            Devices.Add(new Device(
                session.Get<string>("browser") ?? "",
                session.Get<DateTimeOffset>("since"),
                session.ExpiresAt,
                here.Contains(session.Id)));
        }

        Devices.Sort((one, other) => other.Since.CompareTo(one.Since));
        return Page();
    }

    public async Task<IActionResult> OnPostLogOutOthersAsync()
    {
        if (CurrentUser is { } user)
            await sessions.DestroyBySubjectAsync(user, await HttpContext.GetSessionIdsAsync());

        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostLogOutEverywhereAsync()
    {
        if (CurrentUser is { } user)
        {
            await sessions.DestroyBySubjectAsync(user);
            await HttpContext.GetHttpSession()!.DestroyAsync(); // clears the cookie of this browser too
        }

        return RedirectToPage("/Index");
    }
}

/// <summary>A session of the user as the page shows it.</summary>
public sealed record Device(string Browser, DateTimeOffset Since, DateTimeOffset Until, bool IsThis);
