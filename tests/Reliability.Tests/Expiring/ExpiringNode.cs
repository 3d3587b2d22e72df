using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Reliability.Tests.Expiring;

/// <summary>This program as a node of a site that keeps a log of expired sessions: it prints the label of each. Starts with the first line of its input, and ends with the last.</summary>
internal static class ExpiringNode
{
    public const string Command = "expiring-node";

    /// <param name="store">The name of the store.</param>
    /// <param name="connection">Its server.</param>
    /// <param name="holdsAfter">The number of events after which the node takes no more, and comes no further: it is to be killed then. 0 for a node that takes all.</param>
    public static async Task<int> RunAsync(string store, string connection, int holdsAfter)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<ISessionEvents>(new Log(holdsAfter));
        builder.Services.AddSessionStores(options =>
        {
            options.Secrets.Add(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
            options.PruneInterval = TimeSpan.FromSeconds(1);
        }).UseStore(_ => Open(store, connection));
        await using var app = builder.Build();
        app.UseSessionStores();
        await Console.In.ReadLineAsync();
        await app.StartAsync();
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>The store of every node.</summary>
    public static ISessionStore Open(string store, string connection) => store switch
    {
        "Redis" => new RedisStore(ConfigurationOptions.Parse(connection), new RedisStoreOptions { KeepExpired = true, OperationTimeout = TimeSpan.FromSeconds(30) }),
        "PostgreSQL" => new PostgresStore(connection, new PostgresStoreOptions { OperationTimeout = TimeSpan.FromSeconds(30) }),
        _ => new MongoStore(connection, new MongoStoreOptions { AutoRemove = AutoRemove.Interval, OperationTimeout = TimeSpan.FromSeconds(30) }),
    };

    private sealed class Log(int holdsAfter) : ISessionEvents
    {
        private int _taken;

        public async ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
        {
            if (sessionEvent.Kind != SessionEventKind.Expired)
                return;

            if (holdsAfter > 0 && Interlocked.Increment(ref _taken) > holdsAfter)
                await Task.Delay(Timeout.Infinite, cancellationToken);

            // The console is synchronized, and flushes: a line that was printed remains when the process is killed.
            Console.WriteLine(sessionEvent.Label);
        }
    }
}
