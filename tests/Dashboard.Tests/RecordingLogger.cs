using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SessionStores.Dashboard.Tests;

/// <summary>Keeps what the dashboard logs.</summary>
internal sealed class RecordingLogger : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _messages = new();

    public IReadOnlyCollection<string> Messages => _messages;

    public ILogger CreateLogger(string categoryName) => new Category(_messages, categoryName == "SessionStores.Dashboard");

    public void Dispose()
    {
    }

    private sealed class Category(ConcurrentQueue<string> messages, bool isKept) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => isKept;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (isKept)
                messages.Enqueue(formatter(state, exception));
        }
    }
}
