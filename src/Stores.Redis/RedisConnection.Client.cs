using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace SessionStores.Redis;

/// <remarks>The client of a store that has a connection of its own.</remarks>
internal sealed partial class RedisConnection
{
    private static ConfigurationOptions Configure(ConfigurationOptions configuration, RedisStoreOptions options, ConnectionWatch watch)
    {
        var own = configuration.Clone();
        var limit = (int)options.OperationTimeout.TotalMilliseconds;
        own.AbortOnConnectFail = false;
        own.ConnectTimeout = Math.Min(own.ConnectTimeout, limit);
        own.SyncTimeout = limit;
        own.IncludeDetailInExceptions = false;
        own.LoggerFactory = watch;

        // A write that waits for a connection would be carried out after its caller was told that it failed.
        if (own.BacklogPolicy == BacklogPolicy.Default)
            own.BacklogPolicy = BacklogPolicy.FailFast;

        if (options.Credentials is { } credentials)
            own.Tunnel = new CredentialTunnel(own, credentials);

        return own;
    }

    private static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions own, ConnectionWatch watch)
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(own).ConfigureAwait(false);
        multiplexer.ConnectionRestored += (_, _) => watch.Connected();
        if (multiplexer.IsConnected)
            watch.Connected();

        return multiplexer;
    }

    /// <summary>Remembers why the client cannot connect.</summary>
    /// <remarks>Of an outage the client reports only the first failure, in its events and its exceptions, and that may be a connection that was
    /// dropped before the server refused the password of the next one. It logs each failure with its cause.</remarks>
    /// <param name="next">Where the application wants the client to log.</param>
    private sealed class ConnectionWatch(ILoggerFactory? next) : ILoggerFactory
    {
        private volatile Exception? _cause;
        private volatile bool _wasConnected;
        private long _failedAt;

        /// <summary>The refusal that was seen last; null when a connection has succeeded since.</summary>
        public Exception? Cause => _cause;

        /// <summary>Whether a missing connection may be back at once: the client connects again as soon as one dies, and has not failed at that
        /// for longer than a time.</summary>
        public bool MayBeBackWithin(TimeSpan time) =>
            _wasConnected && (Volatile.Read(ref _failedAt) is var failedAt && failedAt == 0 || Stopwatch.GetElapsedTime(failedAt) < time);

        public void Connected()
        {
            _cause = null;
            _wasConnected = true;
            Volatile.Write(ref _failedAt, 0);
        }

        public ILogger CreateLogger(string categoryName) => new ClientLog(this, next?.CreateLogger(categoryName) ?? NullLogger.Instance);

        public void AddProvider(ILoggerProvider provider) => next?.AddProvider(provider);

        /// <summary>The factory is the application's.</summary>
        public void Dispose()
        {
        }

        private void Failed(Exception exception)
        {
            if (RedisFaults.IsRefusal(exception))
                _cause = exception;

            Interlocked.CompareExchange(ref _failedAt, Stopwatch.GetTimestamp(), 0);
        }

        private sealed class ClientLog(ConnectionWatch watch, ILogger next) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => next.BeginScope(state);

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error || next.IsEnabled(logLevel);

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (exception is not null)
                    watch.Failed(exception);

                if (next.IsEnabled(logLevel))
                    next.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }

    /// <summary>Asks for the credentials before each connection signs in; the client then reads them from its configuration.</summary>
    private sealed class CredentialTunnel(ConfigurationOptions configuration, Func<CancellationToken, ValueTask<RedisCredential>> credentials) : Tunnel
    {
        public override async ValueTask<Stream?> BeforeAuthenticateAsync(
            EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(configuration.ConnectTimeout);
            try
            {
                var credential = await credentials(limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
                configuration.User = credential.User;
                configuration.Password = credential.Password;
                return null;
            }
            catch (Exception exception)
            {
                throw new InvalidCredentialException($"{nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.Credentials)} failed.", exception);
            }
        }
    }
}
