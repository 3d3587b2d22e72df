using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace SessionStores.Dashboard;

/// <summary>Marks the endpoints of a dashboard.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="ValuesPolicy">The policy of those who may see values, or null.</param>
internal sealed record DashboardMetadata(string Path, string? ValuesPolicy);

/// <summary>Ends the start of an application whose dashboard is open to visitors or to any user. The endpoints are complete only when the server has started.</summary>
internal sealed class PolicyCheck(EndpointDataSource endpoints, IAuthorizationPolicyProvider policies, IHostEnvironment environment) : IHostedLifecycleService
{
    /// <exception cref="InvalidOperationException">A dashboard has no policy, outside of Development; or the policy of its values does not exist.</exception>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in endpoints.Endpoints)
        {
            if (endpoint.Metadata.GetMetadata<DashboardMetadata>() is not { } dashboard)
                continue;

            if (!Allows(endpoint, environment))
                throw new InvalidOperationException(
                    $"The dashboard at {dashboard.Path} has no authorization policy, so that others than operators could see and end sessions. Name a policy or roles of operators: "
                    + $"app.MapSessionDashboard(\"{dashboard.Path}\").RequireAuthorization(\"operators\"). A fallback policy, and RequireAuthorization() without a policy, are not enough: they allow any user.");

            if (dashboard.ValuesPolicy is { } name && await policies.GetPolicyAsync(name) is null)
                throw new InvalidOperationException(
                    $"{nameof(SessionDashboardOptions)}.{nameof(SessionDashboardOptions.ValuesPolicy)} is '{name}', but there is no such policy. Add it: AddAuthorization(options => options.AddPolicy(\"{name}\", …)).");
        }
    }

    /// <summary>Whether an endpoint may be used. Asked in each request too, because the server accepts requests shortly before the check ends the start.</summary>
    public static bool Allows(Endpoint? endpoint, IHostEnvironment environment) =>
        environment.IsDevelopment() || (endpoint is not null && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && NamesPolicy(endpoint.Metadata));

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool NamesPolicy(EndpointMetadataCollection metadata) =>
        metadata.GetMetadata<AuthorizationPolicy>() is not null
        || metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => !string.IsNullOrEmpty(data.Policy) || !string.IsNullOrEmpty(data.Roles));
}
