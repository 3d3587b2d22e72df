using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds sessions to the pipeline of an application.</summary>
public static class SessionStoresApplicationBuilderExtensions
{
    /// <summary>Where <c>UseRouting</c> leaves its routes.</summary>
    private const string Routes = "__EndpointRouteBuilder";

    /// <summary>Gives every later part of the pipeline its session. Place it after forwarded headers and exception handling, and before
    /// authentication and endpoints.</summary>
    /// <exception cref="InvalidOperationException"><c>AddSessionStores</c> was not called.</exception>
    public static IApplicationBuilder UseSessionStores(this IApplicationBuilder app) => UseSessionStores(app, "");

    /// <summary>Gives every later part of the pipeline its session of a named set.</summary>
    /// <param name="app">The application.</param>
    /// <param name="name">The name given to <c>AddSessionStores</c>.</param>
    /// <exception cref="InvalidOperationException"><c>AddSessionStores</c> was not called with this name, or another set uses the same cookie.</exception>
    public static IApplicationBuilder UseSessionStores(this IApplicationBuilder app, string name)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(name);
        var runtime = app.ApplicationServices.GetKeyedService<SessionRuntime>(name) ?? throw new InvalidOperationException(
            name.Length == 0 ? "Call services.AddSessionStores(...) first." : $"Call services.AddSessionStores(\"{name}\", ...) first.");

        app.ApplicationServices.GetRequiredService<MountedSets>().Add(runtime.Set);
        var isRouted = app.Properties.ContainsKey(Routes);
        return app.Use(next =>
        {
            if (!isRouted && app.Properties.TryGetValue(Routes, out var routes) && routes is IEndpointRouteBuilder builder && HasModes(builder))
                SessionStores.AspNetCore.Log.RoutingIsLater(runtime.Set.Logger);

            return new SessionStoresMiddleware(next, runtime).InvokeAsync;
        });
    }

    private static bool HasModes(IEndpointRouteBuilder routes) =>
        routes.DataSources.SelectMany(source => source.Endpoints).Any(endpoint => endpoint.Metadata.GetMetadata<SessionModeAttribute>() is not null);
}
