using System.Net.Sockets;
using Npgsql;

namespace SessionStores.Backends;

/// <summary>Asks whether a server that is starting answers yet.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>One question of at most two seconds; a refused, cut or silent connection means "not yet".</summary>
    public static async Task<bool> AskAsync(Func<CancellationToken, Task<bool>> isReady, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await isReady(patience.Token);
        }
        catch (Exception exception) when (IsNotYet(exception) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // 57P03: the PostgreSQL server is starting up.
    private static bool IsNotYet(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.CannotConnectNow,
        SocketException or IOException or OperationCanceledException or TimeoutException or NpgsqlException => true,
        _ => false,
    };
}
