using Microsoft.Extensions.Logging;

namespace SessionStores.Tool;

/// <summary>Prints the warnings of a store, such as records that were skipped. Failed calls are printed as failures of the command.</summary>
internal sealed class StoreLog(TextWriter writer) : ILoggerProvider, ILogger
{
    private const string OperationFailed = "OperationFailed";

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && eventId.Name != OperationFailed)
            writer.WriteLine($"{(logLevel == LogLevel.Warning ? "warning" : "error")}: {formatter(state, exception)}");
    }

    /// <summary>The writer is the console's.</summary>
    public void Dispose()
    {
    }
}
