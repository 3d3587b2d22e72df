using System.Text.Json;

namespace SessionStores.Interop.Tests.Running;

/// <summary>What a scenario expects. A failed check ends the scenario.</summary>
internal static class Check
{
    public static void That(bool condition, string expectation)
    {
        if (!condition)
            throw new CheckFailedException($"Expected: {expectation}.");
    }

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new CheckFailedException($"{what}: expected {Show(expected)}, but got {Show(actual)}.");
    }

    /// <summary>Compares JSON by what it means: the order of members and the spelling of numbers do not count.</summary>
    public static void Json(string expected, JsonElement actual, string what)
    {
        using var document = JsonDocument.Parse(expected, new JsonDocumentOptions { MaxDepth = 2000 });
        if (!JsonElement.DeepEquals(document.RootElement, actual))
            throw new CheckFailedException($"{what}: expected {Short(expected)}, but got {Short(actual.GetRawText())}.");
    }

    public static void Between(TimeSpan low, TimeSpan high, TimeSpan? actual, string what)
    {
        if (actual is null || actual < low || actual > high)
            throw new CheckFailedException($"{what}: expected {low} to {high}, but got {Show(actual)}.");
    }

    private static string Show<T>(T value) => value is null ? "nothing" : Short($"'{value}'");

    private static string Short(string text) => text.Length > 400 ? $"{text[..400]}… ({text.Length} characters)" : text;
}
