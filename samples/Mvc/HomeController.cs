using Microsoft.AspNetCore.Mvc;

namespace Mvc;

/// <summary>As it was with the framework's session: only <c>HttpContext.Session</c> and TempData.</summary>
[AutoValidateAntiforgeryToken]
public sealed class HomeController : Controller
{
    [HttpGet]
    public IActionResult Index()
    {
        var visits = (HttpContext.Session.GetInt32("visits") ?? 0) + 1;
        HttpContext.Session.SetInt32("visits", visits);
        return View(new Cart(visits, HttpContext.Session.GetString("items")));
    }

    [HttpPost]
    public IActionResult Add(string item)
    {
        var items = HttpContext.Session.GetString("items");
        HttpContext.Session.SetString("items", items is null ? item : $"{items}, {item}");
        TempData["note"] = $"{item} is in your cart.";
        return RedirectToAction(nameof(Index));
    }

    [HttpPost]
    public IActionResult Clear()
    {
        HttpContext.Session.Clear();
        return RedirectToAction(nameof(Index));
    }
}

public sealed record Cart(int Visits, string? Items);
