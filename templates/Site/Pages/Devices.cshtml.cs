using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using SessionStores.AspNetCore;

namespace Site.Pages;

public sealed class DevicesModel(SessionAccess sessions) : PageModel
{
    private const int PageSize = 20;

    public SessionInfoPage Devices { get; private set; } = new([], null);

    private string? CurrentUser => HttpContext.GetHttpSession()?.Subject;

    public async Task<IActionResult> OnGetAsync(string? next, CancellationToken cancellationToken)
    {
        if (CurrentUser is not { } user)
            return RedirectToPage("/Login");

        Devices = await sessions.PageBySubjectAsync(user, PageSize, next, await HttpContext.GetSessionIdsAsync(), cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostLogOutOneAsync(string? handle)
    {
        if (CurrentUser is { } user && !string.IsNullOrEmpty(handle))
            await sessions.DestroyByHandleAsync(user, handle);

        return RedirectToPage();
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
