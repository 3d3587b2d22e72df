using System.Globalization;

namespace SessionStores;

/// <summary>Collects what is wrong with the options of a store, so that every problem is reported at once.</summary>
/// <param name="options">The name of the options type, for the message.</param>
internal sealed class OptionProblems(string options)
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);
    private readonly List<string> _problems = [];

    /// <summary>Adds a problem: which option, what is allowed, what it is.</summary>
    public void Add(string option, string allowed, object? actual) =>
        _problems.Add(Invariant($"{option} must be {allowed}, but is {actual ?? "null"}."));

    /// <summary>Adds a problem that is already a full sentence.</summary>
    public void Add(string sentence) => _problems.Add(sentence);

    /// <summary>Adds a problem when a number is out of its range.</summary>
    public void CheckRange(string option, long value, long least, long most)
    {
        if (value < least || value > most)
            Add(option, Invariant($"{least:N0} to {most:N0}"), value);
    }

    /// <summary>Adds a problem when a duration is out of its range.</summary>
    public void CheckRange(string option, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            Add(option, $"{least:c} to {most:c}", value);
    }

    /// <summary>Adds a problem when an enumeration has a value without a name.</summary>
    public void CheckDefined<T>(string option, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            Add(option, $"one of {string.Join(", ", Enum.GetNames<T>())}", $"{value:D}");
    }

    /// <summary>The range of <c>OperationTimeout</c> in every store: 10 milliseconds to 1 hour.</summary>
    public void CheckOperationTimeout(TimeSpan value) => CheckRange("OperationTimeout", value, ShortestTimeout, LongestTimeout);

    /// <summary>The range of <c>MaxPayloadBytes</c> in every store: 2 bytes, which is an empty object, to what the server can hold.</summary>
    public void CheckMaxPayloadBytes(int value, int most) => CheckRange("MaxPayloadBytes", value, 2, most);

    /// <summary>Throws when there are problems.</summary>
    /// <exception cref="ArgumentException">There is a problem; the message names each.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
            throw new ArgumentException($"{options}: {string.Join(' ', _problems)}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
