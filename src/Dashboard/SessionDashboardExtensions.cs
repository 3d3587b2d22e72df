using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.Dashboard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the dashboard to an application.</summary>
public static class SessionDashboardExtensions
{
    /// <summary>Registers what the dashboard needs.</summary>
    /// <param name="services">The services of the application.</param>
    public static IServiceCollection AddSessionDashboard(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddRazorComponents();
        services.AddAntiforgery();
        services.AddAuthorization();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PolicyCheck>());
        return services;
    }

    /// <summary>Maps the dashboard. Require a policy on what is returned: <c>app.MapSessionDashboard("/sessions").RequireAuthorization("…")</c>. Outside of
    /// Development the application does not start unless it names a policy or roles.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="path">Where the dashboard is, such as <c>/sessions</c>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">The path or an option is invalid.</exception>
    /// <exception cref="InvalidOperationException"><see cref="AddSessionDashboard"/> or <c>AddSessionStores</c> was not called, or the store keeps no subjects.</exception>
    public static IEndpointConventionBuilder MapSessionDashboard(this IEndpointRouteBuilder endpoints, string path, Action<SessionDashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (path is not ['/', _, ..] || path.EndsWith('/') || path.AsSpan().ContainsAny("{}?#"))
            throw new ArgumentException($"The path must begin with '/', name a place below it such as /sessions, and have no parameters, but is '{path}'.", nameof(path));

        var options = new SessionDashboardOptions();
        configure?.Invoke(options);
        options.Validate();
        var services = endpoints.ServiceProvider;
        if (!services.GetServices<IHostedService>().OfType<PolicyCheck>().Any())
            throw new InvalidOperationException("MapSessionDashboard needs services.AddSessionDashboard().");

        var sessions = services.GetKeyedService<SessionAccess>(options.Sessions)
            ?? throw new InvalidOperationException($"MapSessionDashboard needs AddSessionStores{(options.Sessions.Length == 0 ? "" : $" with the name '{options.Sessions}'")}.");
        var store = options.Sessions.Length == 0 ? services.GetRequiredService<SessionStores.ISessionStore>() : services.GetRequiredKeyedService<SessionStores.ISessionStore>(options.Sessions);
        if (store.GetCapability<SessionStores.ISessionSubjects>() is null)
            throw new InvalidOperationException($"The store {store.GetType().Name} keeps no subjects (ISessionSubjects), by which the dashboard finds sessions.");

        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DashboardPages).Namespace!);
        var dashboard = new DashboardPages(options, sessions, store, services.GetRequiredService<TimeProvider>(), logger);
        var group = endpoints.MapGroup(path).WithMetadata(new DashboardMetadata(path, options.ValuesPolicy)).ExcludeFromDescription();
        group.MapGet("", dashboard.StartAsync);
        group.MapGet("dashboard.css", DashboardStyle.WriteAsync);
        group.MapGet("subject", dashboard.SubjectAsync);
        group.MapGet("session", dashboard.SessionAsync);
        if (!options.IsReadOnly)
        {
            group.MapGet("end-all", dashboard.ConfirmEndAllAsync);
            group.MapPost("end", dashboard.EndAsync);
            group.MapPost("end-all", dashboard.EndAllAsync);
        }

        return group;
    }
}
