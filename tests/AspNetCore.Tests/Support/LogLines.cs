using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Collects what was logged.</summary>
internal sealed class LogLines(LogLevel least = LogLevel.Trace) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string? Name, string Text)> _lines = new();

    public IReadOnlyList<(LogLevel Level, string? Name, string Text)> Lines => [.. _lines];

    public bool Has(string eventName) => _lines.Any(line => line.Name == eventName);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, eventId.Name, formatter(state, exception) + exception));

    public void Dispose()
    {
    }
}
