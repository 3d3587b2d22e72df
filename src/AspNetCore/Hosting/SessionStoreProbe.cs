using Microsoft.Extensions.Hosting;

namespace SessionStores.AspNetCore;

/// <summary>Reads from the store when the application starts, so that a server that is down or set up wrongly is reported then, in one line.
/// The application starts anyway: the server may come later, which is reported too.</summary>
internal sealed class SessionStoreProbe(SessionRuntime runtime) : BackgroundService
{
    /// <summary>An id that no session has: ids are random.</summary>
    private const string ProbeId = "sessionstores-probe-at-start";

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logger = runtime.Set.Logger;
        if (await FindProblemAsync(stoppingToken) is not { } problem)
            return;

        Log.StoreDownAtStart(logger, problem);
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, runtime.Set.Clock, stoppingToken);
            if (await FindProblemAsync(stoppingToken) is null)
                break;
        }

        Log.StoreWorks(logger);
    }

    private async Task<string?> FindProblemAsync(CancellationToken stoppingToken)
    {
        try
        {
            await runtime.Calls.Store.GetAsync(ProbeId, null, stoppingToken);
            return null;
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            // Only the messages of stores are known to hold no secret. No failure of this read is a reason to stop the application.
            return failure is SessionStoreException ? failure.Message : $"{runtime.Calls.Store.GetType().Name} threw {failure.GetType().Name}.";
        }
    }
}
