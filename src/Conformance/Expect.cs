using System.Runtime.CompilerServices;
using System.Text;

namespace SessionStores.Conformance;

/// <summary>The kit's own assertions: they need no test framework. Texts name what was looked at.</summary>
internal static class Expect
{
    public static void True(bool condition, string what)
    {
        if (!condition)
            throw new ConformanceException($"Expected that {what}.");
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new ConformanceException($"Expected {Show(expected)} as {what}, but got {Show(actual)}.");
    }

    public static void NotEqual<T>(T unexpected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (EqualityComparer<T>.Default.Equals(unexpected, actual))
            throw new ConformanceException($"Expected {what} to differ from {Show(unexpected)}.");
    }

    public static void Null(object? actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (actual is not null)
            throw new ConformanceException($"Expected nothing as {what}, but got {Show(actual)}.");
    }

    public static SessionRecord Found(SessionRecord? record, [CallerArgumentExpression(nameof(record))] string what = "") =>
        record ?? throw new ConformanceException($"Expected a session as {what}, but got null.");

    public static void Bytes(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual, string what = "the payload")
    {
        if (expected.Span.SequenceEqual(actual.Span))
            return;

        var at = expected.Span.CommonPrefixLength(actual.Span);
        throw new ConformanceException(
            $"Expected {what} byte for byte: {expected.Length} bytes, but got {actual.Length}; they differ from byte {at}: expected {Excerpt(expected, at)}, got {Excerpt(actual, at)}.");
    }

    public static async Task<TException> ThrowsAsync<TException>(Func<Task> action, string what)
        where TException : Exception
    {
        try
        {
            await action();
        }
        catch (TException expected)
        {
            return expected;
        }
        catch (Exception other) when (other is not NotOfferedException)
        {
            throw new ConformanceException($"Expected {typeof(TException).Name} from {what}, but got {other.GetType().Name}: {other.Message}", other);
        }

        throw new ConformanceException($"Expected {typeof(TException).Name} from {what}, but it returned.");
    }

    private static string Show<T>(T value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        DateTimeOffset instant => $"{instant:O}",
        _ => value.ToString() ?? "",
    };

    private static string Excerpt(ReadOnlyMemory<byte> bytes, int at) =>
        at >= bytes.Length ? "the end" : $"'{Encoding.UTF8.GetString(bytes.Span.Slice(at, Math.Min(24, bytes.Length - at)))}'";
}
