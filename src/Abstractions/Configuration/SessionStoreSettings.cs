using System.Globalization;

namespace SessionStores.Configuration;

/// <summary>Settings as text, read one by one. Collects what is wrong with them instead of throwing at the first problem.</summary>
/// <remarks>
/// <para>Names are compared without regard to case. A setting that is absent leaves the default, and so does an empty one unless it is read
/// as text. What was never read is unknown (<see cref="AddUnknown"/>).</para>
/// <para>Problems name the setting, its text and what is allowed; the connection text is never repeated (L21).</para>
/// </remarks>
public sealed class SessionStoreSettings
{
    private const string ConnectionName = "Connection";
    private readonly string _path;
    private readonly Dictionary<string, string?> _texts;
    private readonly SortedSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _problems = [];

    /// <summary>Makes settings.</summary>
    /// <param name="path">Where they are, for messages, such as <c>Sessions:Store</c>; may be empty.</param>
    /// <param name="texts">The texts by name.</param>
    public SessionStoreSettings(string path, IEnumerable<KeyValuePair<string, string?>> texts)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(texts);
        _path = path;
        _texts = new Dictionary<string, string?>(texts, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The setting <c>Connection</c>: how to reach the server; null when it is not said. A secret.</summary>
    public string? Connection => Find(ConnectionName) is { } connection && !string.IsNullOrWhiteSpace(connection) ? connection : null;

    /// <summary>What is wrong, as full sentences, each once.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Adds a problem, unless it is known already.</summary>
    public void AddProblem(string problem)
    {
        ArgumentException.ThrowIfNullOrEmpty(problem);
        if (!_problems.Contains(problem))
            _problems.Add(problem);
    }

    /// <summary>Runs a check or a registration and adds the message of its <see cref="ArgumentException"/> to the problems, after the path
    /// of the settings.</summary>
    public void Attempt(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            action();
        }
        catch (ArgumentException exception)
        {
            AddProblem(_path.Length == 0 ? WithoutParameter(exception) : $"{_path}: {WithoutParameter(exception)}");
        }
    }

    /// <summary>Reads text, which may be empty.</summary>
    public void Text(string name, Action<string> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (Find(name) is { } text)
            set(text);
    }

    /// <summary>Reads <c>true</c> or <c>false</c>.</summary>
    public void Switch(string name, Action<bool> set) =>
        Read(name, set, bool.TryParse, "true or false");

    /// <summary>Reads a whole number.</summary>
    public void WholeNumber(string name, Action<long> set) =>
        Read(name, set, static (text, out value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), "a whole number");

    /// <summary>Reads a whole number of 32 bits.</summary>
    public void WholeNumber(string name, Action<int> set) =>
        Read(name, set, static (text, out value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), "a whole number of at most 2,147,483,647");

    /// <summary>Reads a number.</summary>
    public void Number(string name, Action<double> set) =>
        Read(name, set, static (text, out value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value), "a number such as 0.1");

    /// <summary>Reads a duration such as <c>00:20:00</c> or <c>7.00:00:00</c>; <c>infinite</c> is
    /// <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public void Duration(string name, Action<TimeSpan> set) => Read(name, set, TryReadDuration, "a duration such as 00:20:00 (20 minutes) or 7.00:00:00 (7 days)");

    /// <summary>Reads an instant such as <c>2030-01-01T00:00:00Z</c>.</summary>
    public void Instant(string name, Action<DateTimeOffset> set) =>
        Read(name, set, static (text, out value) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value), "an instant such as 2030-01-01T00:00:00Z");

    /// <summary>Reads a member of an enumeration by its name.</summary>
    public void Choice<T>(string name, Action<T> set)
        where T : struct, Enum =>
        Read(name, set, TryReadChoice, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>Adds a problem when the connection is missing.</summary>
    /// <param name="example">What a connection looks like, for the message.</param>
    /// <returns>The connection, or null when it is missing.</returns>
    public string? RequireConnection(string example)
    {
        if (Connection is null)
            AddProblem($"{PathOf(ConnectionName)} is required: how to reach the server, such as {example}.");

        return Connection;
    }

    /// <summary>Adds a problem when a connection is given.</summary>
    public void RefuseConnection()
    {
        if (Connection is not null)
            AddProblem($"{PathOf(ConnectionName)} must be left out: this store connects to nothing.");
    }

    /// <summary>Adds a problem for every setting that was never read, with the name that was probably meant.</summary>
    public void AddUnknown()
    {
        foreach (var name in _texts.Keys.Where(name => !_known.Contains(name)).Order(StringComparer.OrdinalIgnoreCase))
        {
            var hint = NearestName.Find(name, _known) is { } nearest ? $"did you mean {nearest}?" : $"known are {string.Join(", ", _known)}.";
            AddProblem($"{PathOf(name)} is no setting; {hint}");
        }
    }

    private static bool TryReadDuration(string text, out TimeSpan value)
    {
        value = Timeout.InfiniteTimeSpan;

        // A bare number would be days, which hardly anybody means.
        return text.Equals("infinite", StringComparison.OrdinalIgnoreCase) ||
            (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value));
    }

    private static bool TryReadChoice<T>(string text, out T value)
        where T : struct, Enum
    {
        value = default;
        return !int.TryParse(text, CultureInfo.InvariantCulture, out _) && Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);
    }

    private static string WithoutParameter(ArgumentException exception)
    {
        var suffix = $" (Parameter '{exception.ParamName}')";
        return exception.Message.EndsWith(suffix, StringComparison.Ordinal) ? exception.Message[..^suffix.Length] : exception.Message;
    }

    private void Read<T>(string name, Action<T> set, Parser<T> parse, string allowed)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (Find(name) is not { Length: > 0 } text)
            return;

        if (parse(text, out var value))
            set(value);
        else
            AddProblem($"{PathOf(name)} must be {allowed}, but is '{text}'.");
    }

    private string? Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _known.Add(name);
        return _texts.GetValueOrDefault(name);
    }

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}:{name}";

    private delegate bool Parser<T>(string text, out T value);
}
