using Microsoft.Extensions.Logging;

namespace SessionStores.Tests;

/// <summary>Gives the conformance kit what a store logs: the message with its arguments, and the text of its exception.</summary>
internal sealed class ForwardingLogger<TStore>(Action<string> log) : ILogger<TStore>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        log($"{formatter(state, exception)} {exception}");
}
