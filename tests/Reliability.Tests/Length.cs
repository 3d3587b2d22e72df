using System.Globalization;

namespace SessionStores.Reliability.Tests;

/// <summary>How long the run under one fault is.</summary>
/// <param name="Operations">At least so many calls of stores: after a round of fewer there is another one.</param>
/// <param name="Time">And at least so much time.</param>
/// <param name="Strikes">Strikes of a round, where servers can be struck again.</param>
/// <param name="CallsBetweenStrikes">At least so many calls before each strike, and less than twice as many.</param>
/// <param name="WritesAfter">So many acknowledged changes after the last one.</param>
internal sealed record Length(long Operations, TimeSpan Time, int Strikes, int CallsBetweenStrikes, int WritesAfter)
{
    /// <summary>Short; long with <c>SESSIONSTORES_OPERATIONS</c>, <c>SESSIONSTORES_MINUTES</c> in all, or both.</summary>
    public static Length OfRun =>
        (Number("SESSIONSTORES_OPERATIONS"), Number("SESSIONSTORES_MINUTES")) is var (operations, minutes) && operations + minutes > 0
            ? new Length(operations, TimeSpan.FromMinutes(minutes) / Nemeses.All.Count, 8, 2500, 500)
            : new Length(1, TimeSpan.Zero, 2, 200, 40);

    private static long Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
}
