using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using SessionStores.AspNetCore;

namespace Site.Pages;

public sealed class LogoutModel : PageModel
{
    public IActionResult OnGet() => RedirectToPage("/Index");

    public async Task<IActionResult> OnPostAsync()
    {
        if (HttpContext.GetHttpSession() is { } session)
            await session.DestroyAsync();

        return RedirectToPage("/Index");
    }
}
