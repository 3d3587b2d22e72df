using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SessionStores;
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
        var runtime = app.ApplicationServices.GetKeyedService<SessionRuntime>(name) ?? throw new InvalidOperationException(NotAdded(app.ApplicationServices, name));

        app.ApplicationServices.GetRequiredService<MountedSets>().Add(runtime.Set);
        WarnIfTwice(app, runtime.Set);
        var isRouted = app.Properties.ContainsKey(Routes);
        return app.Use(next =>
        {
            if (!isRouted && app.Properties.TryGetValue(Routes, out var routes) && routes is IEndpointRouteBuilder builder && HasModes(builder))
                SessionStores.AspNetCore.Log.RoutingIsLater(runtime.Set.Logger);

            return new SessionStoresMiddleware(next, runtime).InvokeAsync;
        });
    }

    private static string NotAdded(IServiceProvider services, string name)
    {
        if (name.Length == 0)
            return "Call services.AddSessionStores(...) first.";

        var hint = NearestName.Find(name, services.GetServices<SessionSetName>().Select(set => set.Name)) is { Length: > 0 } nearest ? $" Did you mean '{nearest}'?" : "";
        return $"Call services.AddSessionStores(\"{name}\", ...) first.{hint}";
    }

    /// <summary>A branch of the pipeline has the properties of what it branches from, and not those of other branches.</summary>
    private static void WarnIfTwice(IApplicationBuilder app, SessionSet set)
    {
        var mounted = $"SessionStores {set.Name}";
        if (app.Properties.ContainsKey(mounted))
            SessionStores.AspNetCore.Log.MountedTwice(set.Logger, MountedSetsCheck.CallOf(set.Name));

        app.Properties[mounted] = true;
    }

    private static bool HasModes(IEndpointRouteBuilder routes) =>
        routes.DataSources.SelectMany(source => source.Endpoints).Any(endpoint => endpoint.Metadata.GetMetadata<SessionModeAttribute>() is not null);
}
