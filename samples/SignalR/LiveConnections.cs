using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using SessionStores;
using SessionStores.AspNetCore;

namespace SignalR;

/// <summary>Closes the connections whose session has ended: by log-out here or on another node, by "log out everywhere", or because it expired.</summary>
internal sealed partial class LiveConnections(SessionAccess sessions, ILogger<LiveConnections> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, (string SessionId, HubCallerContext Context)> _connections = new();

    public void Add(string sessionId, HubCallerContext context) => _connections[context.ConnectionId] = (sessionId, context);

    public void Remove(HubCallerContext context) => _connections.TryRemove(context.ConnectionId, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CloseEndedAsync(stoppingToken);
            }
            catch (SessionStoreException failure)
            {
                LogStoreFailed(failure); // An outage logs out no user. The next round asks again.
            }
        }
    }

    private async Task CloseEndedAsync(CancellationToken cancellationToken)
    {
        foreach (var session in _connections.Values.GroupBy(connection => connection.SessionId, connection => connection.Context))
        {
            if (await sessions.LoadAsync(session.Key, cancellationToken) is not null)
                continue;

            foreach (var connection in session)
                connection.Abort();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sessions of the open connections could not be checked.")]
    private partial void LogStoreFailed(Exception failure);
}
