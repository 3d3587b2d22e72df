using System.Globalization;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>How long the run is.</summary>
/// <param name="Sessions">Sessions that are logged in on the old side.</param>
/// <param name="Clients">Clients that change them at the same time.</param>
/// <param name="Requests">Requests before and after the move, at least, by which its slowdown is measured.</param>
/// <param name="Patience">How long each part may take.</param>
internal sealed record MoveLength(int Sessions, int Clients, int Requests, TimeSpan Patience)
{
    /// <summary>Short; long with <c>SESSIONSTORES_SESSIONS</c>.</summary>
    public static MoveLength OfRun => Environment.GetEnvironmentVariable("SESSIONSTORES_SESSIONS") is { Length: > 0 } text
        ? new MoveLength(int.Parse(text, CultureInfo.InvariantCulture), 16, 20_000, TimeSpan.FromHours(1))
        : new MoveLength(600, 8, 300, TimeSpan.FromMinutes(3));
}
