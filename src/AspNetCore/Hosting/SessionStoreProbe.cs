using Microsoft.Extensions.Hosting;

namespace SessionStores.AspNetCore;

/// <summary>Reads once from the store when the application starts, so that a server that is down or set up wrongly is reported then, in one line.
/// The application starts anyway: the server may come later.</summary>
internal sealed class SessionStoreProbe(SessionRuntime runtime) : BackgroundService
{
    /// <summary>An id that no session has: ids are random.</summary>
    private const string ProbeId = "sessionstores-probe-at-start";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await runtime.Calls.Store.GetAsync(ProbeId, null, stoppingToken);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            // Only the messages of stores are known to hold no secret. No failure of this read is a reason to stop the application.
            Log.StoreDownAtStart(runtime.Set.Logger, failure is SessionStoreException ? failure.Message : $"{runtime.Calls.Store.GetType().Name} threw {failure.GetType().Name}.");
        }
        catch (OperationCanceledException)
        {
            // The application stops before the server has responded.
        }
    }
}
