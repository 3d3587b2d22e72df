using System.Net;
using System.Text.RegularExpressions;

namespace SessionStores.Samples.Tests;

public sealed partial class MvcTests
{
    [Fact]
    public async Task The_session_and_TempData_of_the_framework_work_unchanged()
    {
        await using var sample = await RunningSample.StartAsync("Mvc");
        using var person = sample.NewBrowser();

        Assert.Equal(("Visit 1", "", "Your cart is empty."), await LookAsync(person));
        await SendAsync(person, "Add", "tea");
        Assert.Equal(("Visit 3", "tea is in your cart.", "tea"), await LookAsync(person));
        await SendAsync(person, "Add", "milk");
        Assert.Equal(("Visit 5", "milk is in your cart.", "tea, milk"), await LookAsync(person));
        Assert.Equal(("Visit 6", "", "tea, milk"), await LookAsync(person));
        await SendAsync(person, "Clear", "");
        Assert.Equal(("Visit 1", "", "Your cart is empty."), await LookAsync(person));
    }

    [Fact]
    public async Task The_cookie_has_the_attributes_of_before()
    {
        await using var sample = await RunningSample.StartAsync("Mvc");
        using var person = sample.NewBrowser();

        using var response = await person.GetAsync(new Uri("/", UriKind.Relative));

        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), value => value.StartsWith(".Shop.Session=", StringComparison.Ordinal));
        Assert.EndsWith("; Path=/; HttpOnly; SameSite=Lax", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public void The_change_in_the_README_leads_to_the_program()
    {
        var change = Change().Match(File.ReadAllText(Repository.PathOf("samples/Mvc/README.md"))).Groups["lines"].Value;

        var after = string.Concat(change.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '-').Select(line => line[1..] + "\n"));

        Assert.Equal(File.ReadAllText(Repository.PathOf("samples/Mvc/Program.cs")), after);
    }

    private static async Task<(string Visits, string Note, string Items)> LookAsync(HttpClient person)
    {
        var page = await person.GetStringAsync(new Uri("/", UriKind.Relative));
        return (TextOf(page, "visits"), TextOf(page, "note"), TextOf(page, "items"));
    }

    private static async Task SendAsync(HttpClient person, string action, string item)
    {
        var token = Token().Match(await person.GetStringAsync(new Uri("/", UriKind.Relative))).Groups["token"].Value;
        using var form = new FormUrlEncodedContent([new("item", item), new("__RequestVerificationToken", token)]);
        using var response = await person.PostAsync(new Uri($"Home/{action}", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
    }

    private static string TextOf(string page, string id) => Regex.Match(page, $"<p id=\"{id}\">(?<text>[^<]*)</p>").Groups["text"].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"(?<token>[^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("```diff\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Change();
}
