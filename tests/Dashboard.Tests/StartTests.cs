using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.Dashboard.Tests;

/// <summary>Which applications start, and which do not.</summary>
public sealed class StartTests
{
    public static TheoryData<string, Action<WebApplication>> OpenDashboards => new()
    {
        { "without a policy", app => app.MapSessionDashboard("/sessions") },
        { "for any user", app => app.MapSessionDashboard("/sessions").RequireAuthorization() },
        { "for anyone after all", app => app.MapSessionDashboard("/sessions").RequireAuthorization("operators").AllowAnonymous() },
        { "the second of two", app => { app.MapSessionDashboard("/safe").RequireAuthorization("operators"); app.MapSessionDashboard("/sessions"); } },
    };

    [Theory]
    [MemberData(nameof(OpenDashboards), DisableDiscoveryEnumeration = true)]
    public async Task An_application_does_not_start_outside_of_Development_with_a_dashboard_that_others_than_operators_could_use(string dashboard, Action<WebApplication> map)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => OperatorSite.StartAsync(map: map, authorize: options => options.FallbackPolicy = options.DefaultPolicy));

        Assert.True(failure.Message.Contains("app.MapSessionDashboard(\"/sessions\").RequireAuthorization(\"operators\")", StringComparison.Ordinal), $"{dashboard}: {failure.Message}");
    }

    [Fact]
    public async Task In_Development_a_dashboard_needs_no_policy()
    {
        await using var site = await OperatorSite.StartAsync(environment: "Development", map: app => app.MapSessionDashboard("/sessions"));
        using var client = site.Client(role: null);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/sessions")).StatusCode);
    }

    [Theory]
    [InlineData("/admin/sessions")]
    [InlineData("/admin/sessions/")]
    public async Task The_policy_and_the_place_of_a_group_are_those_of_its_dashboard(string path)
    {
        await using var site = await OperatorSite.StartAsync(map: app => app.UsePathBase("/base").UseRouting().UseAuthorization().UseEndpoints(endpoints =>
            endpoints.MapGroup("/admin").RequireAuthorization(new AuthorizeAttribute { Roles = "operator" }).MapSessionDashboard("/sessions")));
        using var visitor = site.Client(role: null);
        using var client = site.Client("operator");

        Assert.Equal(HttpStatusCode.Unauthorized, (await visitor.GetAsync("/base" + path)).StatusCode);
        Assert.Contains("action=\"/base/admin/sessions/subject\"", await client.GetStringAsync("/base" + path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_of_values_that_does_not_exist_is_named()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => OperatorSite.StartAsync(options => options.ValuesPolicy = "auditors"));

        Assert.Contains("ValuesPolicy is 'auditors'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sessions")]
    [InlineData("/")]
    [InlineData("/sessions/")]
    [InlineData("/{tenant}/sessions")]
    public async Task A_path_that_is_no_place_of_a_dashboard_is_refused(string path)
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(nameof(path), () => OperatorSite.StartAsync(map: app => app.MapSessionDashboard(path)));

        Assert.Contains($"'{path}'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_page_that_no_store_returns_is_refused(int size)
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => OperatorSite.StartAsync(options => options.PageSize = size));

        Assert.Contains($"must be 1 to 1,000, but is {size}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_that_does_not_exist_and_services_that_are_missing_are_named()
    {
        var set = await Assert.ThrowsAsync<InvalidOperationException>(() => OperatorSite.StartAsync(options => options.Sessions = "admin"));
        await using var bare = WebApplication.CreateBuilder().Build();
        var services = Assert.Throws<InvalidOperationException>(() => bare.MapSessionDashboard("/sessions"));

        Assert.Contains("AddSessionStores with the name 'admin'", set.Message, StringComparison.Ordinal);
        Assert.Contains("AddSessionDashboard", services.Message, StringComparison.Ordinal);
    }
}
