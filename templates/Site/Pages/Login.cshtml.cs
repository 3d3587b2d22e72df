using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using SessionStores.AspNetCore;

namespace Site.Pages;

public sealed class LoginModel(Accounts accounts) : PageModel
{
    [BindProperty, Required, EmailAddress, StringLength(254)]
    public string Email { get; set; } = "";

    [BindProperty, Required, StringLength(1000)]
    public string Password { get; set; } = "";

    public async Task<IActionResult> OnPostAsync()
    {
        if (!ModelState.IsValid)
            return Page();

        if (!accounts.IsValid(Email, Password))
        {
            ModelState.AddModelError("", "The e-mail address or the password is wrong.");
            return Page();
        }

        var session = HttpContext.GetHttpSession()!;
        await session.RegenerateAsync(); // a new id at log-in: one that someone planted in this browser before is worth nothing now
        session.Subject = Email.ToLowerInvariant(); // finds all sessions of this user
        session.Set("email", Email);
        session.Label = Browser.Describe(Request.Headers.UserAgent.ToString()); // what the page with the devices calls it
        return RedirectToPage("/Devices");
    }
}
