using System.Collections;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore;

/// <summary>Limits the warnings and errors that requests cause: one line a minute for each reason, with the number of times since the last
/// one. What one request does, thousands do.</summary>
internal sealed class WarningLimiter(ILogger logger, TimeProvider clock) : ILogger
{
    /// <summary>The texts are those of this package and contain no data; this bounds them all the same.</summary>
    private const int MaxReasons = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(int Id, string Text), Reason> _reasons = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var key = logLevel < LogLevel.Warning ? default : (eventId.Id, formatter(state, null));
        if (key.Item2 is null || (_reasons.Count >= MaxReasons && !_reasons.ContainsKey(key)))
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        var times = _reasons.GetOrAdd(key, static _ => new Reason()).Count(clock);
        if (times == 0)
            return;

        if (times == 1)
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        var repeated = new Repeated(state as IReadOnlyList<KeyValuePair<string, object?>> ?? [], key.Item2, times);
        logger.Log(logLevel, eventId, repeated, exception, static (repeated, _) => repeated.ToString());
    }

    private sealed class Reason
    {
        private readonly Lock _lock = new();
        private long _times;
        private long _last;
        private bool _isLogged;

        /// <summary>Counts one more time.</summary>
        /// <returns>How often since the last line, if it is time for another one; otherwise 0.</returns>
        public long Count(TimeProvider clock)
        {
            lock (_lock)
            {
                _times++;
                var now = clock.GetTimestamp();
                if (_isLogged && clock.GetElapsedTime(_last, now) < Interval)
                    return 0;

                var times = _times;
                (_times, _last, _isLogged) = (0, now, true);
                return times;
            }
        }
    }

    /// <summary>The values of a message, and how often it was due.</summary>
    private sealed class Repeated(IReadOnlyList<KeyValuePair<string, object?>> values, string text, long times) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => values.Count + 1;

        public KeyValuePair<string, object?> this[int index] => index == 0 ? new("Times", times) : values[index - 1];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            for (var index = 0; index < Count; index++)
                yield return this[index];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"{text} This happened {times} times since it was last logged.";
    }
}
