using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>Secrets that both sides know, and how they are changed while sessions are in use.</summary>
public sealed class Secrets(StagesFixture stages) : ScenarioTest(stages)
{
    [Theory, EachServer]
    public async Task A_secret_is_replaced_in_two_steps_and_nobody_is_logged_out(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        const string old = "old secret";
        const string @new = "new secret";
        var browser = new Browser();
        await browser.RunAsync(await SiteAsync(stage.First, old), Steps.Set("count", 0));

        // Step one: the new secret verifies everywhere. Step two: it signs everywhere. Last: the old one is dropped.
        (Runtime Runtime, string Secrets)[] deployments =
        [
            (stage.First, $"{old}\n{@new}"), (stage.Second, old), (stage.Second, $"{old}\n{@new}"),
            (stage.First, $"{@new}\n{old}"), (stage.Second, $"{old}\n{@new}"), (stage.Second, $"{@new}\n{old}"),
            (stage.First, @new), (stage.Second, $"{@new}\n{old}"), (stage.Second, @new),
        ];
        foreach (var (runtime, secrets) in deployments)
            await browser.RunAsync(await SiteAsync(runtime, secrets), Steps.Increment("count"));

        Check.Json($"{deployments.Length}", await browser.AskAsync(await SiteAsync(stage.First, @new), Steps.Get("count")), "the count");
        Check.Equal(Signed.Signature(browser.Id, @new), Uri.UnescapeDataString(browser.Cookie!).Split('.')[^1], "the signature");

        Task<Site> SiteAsync(Runtime runtime, string secrets) => stage.OpenAsync(runtime, new SiteOptions { Secrets = secrets, Rolling = true });
    }

    [Theory, EachServer]
    public async Task A_dropped_secret_opens_nothing_on_either_side(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(await stage.OpenAsync(stage.First, new SiteOptions { Secrets = "leaked" }), Steps.Set("a", 1));

        var (first, second) = await stage.OpenBothAsync(new SiteOptions { Secrets = "fresh\nspare" });

        Check.Json("[]", await browser.Copy().AskAsync(first, Steps.Keys()), "the members here");
        Check.Json("[]", await browser.Copy().AskAsync(second, Steps.Keys()), "the members there");
    }

    [Theory, EachServer]
    public async Task A_secret_with_letters_of_all_scripts_signs_alike(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        const string secret = "s3cr3t-ключ-🔑";
        var (first, second) = await stage.OpenBothAsync(new SiteOptions { Secrets = secret });
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));

        Check.Json("1", await browser.AskAsync(second, Steps.Get("a")), "a");
        Check.Equal(Signed.Signature(browser.Id, secret), Uri.UnescapeDataString(browser.Cookie!).Split('.')[^1], "the signature");
    }
}
