using Interop.Running;
using Interop.Sites;

namespace Interop.Scenarios;

/// <summary>Secrets that both sides know, and how they are changed while sessions are in use.</summary>
internal static class Secrets
{
    public static async Task A_secret_is_replaced_in_two_steps_and_nobody_is_logged_out(Stage stage)
    {
        const string old = "old secret";
        const string @new = "new secret";
        var browser = new Browser();
        await browser.RunAsync(await OpenAsync(stage.First, old), Steps.Set("count", 0));

        // Step one: the new secret verifies everywhere. Step two: it signs everywhere. Last: the old one is dropped.
        (Runtime Runtime, string Secrets)[] deployments =
        [
            (stage.First, $"{old}\n{@new}"), (stage.Second, old), (stage.Second, $"{old}\n{@new}"),
            (stage.First, $"{@new}\n{old}"), (stage.Second, $"{old}\n{@new}"), (stage.Second, $"{@new}\n{old}"),
            (stage.First, @new), (stage.Second, $"{@new}\n{old}"), (stage.Second, @new),
        ];
        foreach (var (runtime, secrets) in deployments)
            await browser.RunAsync(await OpenAsync(runtime, secrets), Steps.Increment("count"));

        Check.Json($"{deployments.Length}", await browser.AskAsync(await OpenAsync(stage.First, @new), Steps.Get("count")), "the count");
        Check.Equal(Signed.Signature(browser.Id, @new), Uri.UnescapeDataString(browser.Cookie!).Split('.')[^1], "the signature");

        Task<Site> OpenAsync(Runtime runtime, string secrets) => stage.OpenAsync(runtime, new SiteOptions { Secrets = secrets, Rolling = true });
    }

    public static async Task A_dropped_secret_opens_nothing_on_either_side(Stage stage)
    {
        var browser = new Browser();
        await browser.RunAsync(await stage.OpenAsync(stage.First, new SiteOptions { Secrets = "leaked" }), Steps.Set("a", 1));

        var (first, second) = await stage.OpenBothAsync(new SiteOptions { Secrets = "fresh\nspare" });

        Check.Json("[]", await browser.Copy().AskAsync(first, Steps.Keys()), "the members here");
        Check.Json("[]", await browser.Copy().AskAsync(second, Steps.Keys()), "the members there");
    }

    public static async Task A_secret_with_letters_of_all_scripts_signs_alike(Stage stage)
    {
        const string secret = "s3cr3t-ключ-🔑";
        var (first, second) = await stage.OpenBothAsync(new SiteOptions { Secrets = secret });
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));

        Check.Json("1", await browser.AskAsync(second, Steps.Get("a")), "a");
        Check.Equal(Signed.Signature(browser.Id, secret), Uri.UnescapeDataString(browser.Cookie!).Split('.')[^1], "the signature");
    }
}
