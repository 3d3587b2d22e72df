using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>Looks at the pipeline when the application starts: reports sets of sessions that are added and not in it, and sets that keep their
/// sessions in one place.</summary>
internal sealed class MountedSetsCheck(
    IServiceProvider services, IEnumerable<SessionSetName> names, IEnumerable<SessionTicketScheme> schemes, MountedSets mounted) : IStartupFilter
{
    /// <summary>The call that puts a set into the pipeline.</summary>
    public static string CallOf(string name) => name.Length == 0 ? "UseSessionStores()" : $"UseSessionStores(\"{name}\")";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        next(app);
        var sets = names.Select(set => services.GetRequiredKeyedService<SessionRuntime>(set.Name)).ToList();
        foreach (var set in sets.Select(runtime => runtime.Set).Where(set => mounted.Find(set.Name) is null))
        {
            if (IsOfTickets(set.Name))
                Log.OnlySignIns(set.Logger, CallOf(set.Name));
            else
                Log.NotMounted(set.Logger, CallOf(set.Name));
        }

        for (var i = 0; i < sets.Count; i++)
        {
            foreach (var other in sets.Take(i))
                WarnIfShared(other, sets[i]);
        }
    };

    private static void WarnIfShared(SessionRuntime one, SessionRuntime other)
    {
        var (store, otherStore) = (one.Calls.Store, other.Calls.Store);
        if (ReferenceEquals(store, otherStore))
            Log.SharedKeySpace(other.Set.Logger, one.Set.Name, other.Set.Name, $"one {store.GetType().Name}");
        else if (store.KeySpace is { } place && place == otherStore.KeySpace)
            Log.SharedKeySpace(other.Set.Logger, one.Set.Name, other.Set.Name, place);
    }

    /// <summary>Sign-ins need no session in the request.</summary>
    private bool IsOfTickets(string name) =>
        schemes.Any(scheme => services.GetRequiredService<IOptionsMonitor<SessionTicketOptions>>().Get(scheme.Name).SessionsName == name);
}
