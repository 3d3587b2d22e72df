using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace FrameworkSession;

/// <summary>Uses <c>HttpContext.Session</c> and TempData, as an application did before it heard of SessionStores.</summary>
public sealed class ShopController : Controller
{
    /// <summary>Counts visits.</summary>
    [HttpGet("/visits")]
    public string Visits()
    {
        var visits = (HttpContext.Session.GetInt32("visits") ?? 0) + 1;
        HttpContext.Session.SetInt32("visits", visits);
        return visits.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Puts something into the cart.</summary>
    [HttpGet("/cart/{item}")]
    public string Add(string item)
    {
        var cart = HttpContext.Session.GetString("cart");
        cart = cart is null ? item : $"{cart}, {item}";
        HttpContext.Session.SetString("cart", cart);
        return cart;
    }

    /// <summary>Orders, and says so on the next page.</summary>
    [HttpGet("/order")]
    public async Task<IActionResult> Order()
    {
        TempData["note"] = $"You ordered {HttpContext.Session.GetString("cart") ?? "nothing"}.";
        TempData["count"] = 3;
        HttpContext.Session.Remove("cart");
        await HttpContext.Session.CommitAsync();
        return RedirectToAction(nameof(Note));
    }

    /// <summary>Shows the note once.</summary>
    [HttpGet("/note")]
    public string Note() => $"{TempData["note"] ?? "nothing new"} {TempData["count"]}";

    /// <summary>Keeps bytes that are no text.</summary>
    [HttpGet("/stamp")]
    public string Stamp()
    {
        if (!HttpContext.Session.TryGetValue("stamp", out var stamp))
            HttpContext.Session.Set("stamp", stamp = [0, 255, 128, 7, 195]);

        return Convert.ToHexString(stamp);
    }

    /// <summary>Names what is in the session.</summary>
    [HttpGet("/keys")]
    public async Task<string> Keys()
    {
        await HttpContext.Session.LoadAsync();
        return string.Join(' ', HttpContext.Session.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Empties the session.</summary>
    [HttpGet("/clear")]
    public string Clear()
    {
        HttpContext.Session.Clear();
        return HttpContext.Session.IsAvailable ? "cleared" : "no session";
    }
}
