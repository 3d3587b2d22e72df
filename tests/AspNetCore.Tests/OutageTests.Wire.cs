namespace SessionStores.AspNetCore.Tests;

/// <content>What a client gets on the wire.</content>
public sealed partial class OutageTests
{
    [Theory]
    [InlineData("/write")]
    [InlineData("/write-empty")]
    [InlineData("/write-length")]
    public async Task On_the_wire_a_failed_save_is_500_without_the_success_page(string path)
    {
        await using var site = await StartAsync(OutagePolicy.Fail, kestrel: true);
        using var browser = await BeginAsync(site);
        BreakDown(site, "replace");

        var answer = await browser.GetAsync(path);

        Assert.Equal(500, answer.Status);
        Assert.DoesNotContain("done", answer.Body, StringComparison.Ordinal);
        Assert.Empty(answer.SetCookies);
    }

    [Theory]
    [InlineData("/read", "get")]
    [InlineData("/write", "replace")]
    [InlineData("/write-empty", "replace")]
    [InlineData("/write-length", "replace")]
    [InlineData("/write-stream", "replace")]
    public async Task With_503_the_client_is_told_to_come_back_and_sees_no_success_page(string path, string call)
    {
        await using var site = await StartAsync(OutagePolicy.ServiceUnavailable503, kestrel: true);
        using var browser = await BeginAsync(site);
        BreakDown(site, call);

        var answer = await browser.GetAsync(path);

        Assert.Equal(503, answer.Status);
        Assert.Equal("5", string.Join(',', answer.Headers.GetValues("Retry-After")));
        Assert.Equal("", answer.Body);
        Assert.Empty(answer.SetCookies);
        Assert.Equal(1, site.Counters[$"sessionstores.outages stage={(call == "get" ? "load" : "save")}"]);

        site.Store.Before = null;
        Assert.Equal("Loaded 1", (await browser.GetAsync("/read")).Body);
    }

    [Theory]
    [InlineData("/write-length", "replace", true)]
    [InlineData("/read", "get", null)]
    public async Task A_503_that_cuts_a_handler_off_announces_the_end_of_its_connection(string path, string call, bool? isClosed)
    {
        await using var site = await StartAsync(OutagePolicy.ServiceUnavailable503, kestrel: true);
        using var browser = await BeginAsync(site);
        BreakDown(site, call);

        var answer = await browser.GetAsync(path);

        Assert.Equal(503, answer.Status);
        Assert.Equal(isClosed, answer.Headers.ConnectionClose);
        Assert.Equal("NoCookie 0", (await site.NewBrowser().GetAsync("/read")).Body);
    }

    [Fact]
    public async Task A_save_that_fails_after_the_first_byte_breaks_the_response_off()
    {
        await using var site = await StartAsync(OutagePolicy.ServiceUnavailable503, kestrel: true);
        using var browser = await BeginAsync(site);
        BreakDown(site, "replace");

        await Assert.ThrowsAsync<HttpRequestException>(() => browser.GetAsync("/write-late"));
    }
}
