namespace SessionStores.AspNetCore.Tests.Decisions;

/// <summary>What a request did: its writes in order (set, touch, destroy), and its session cookie (sent, cleared or none).</summary>
/// <param name="Writes">The writes, separated by blanks. A create or replace is a set; a new id in one step is a destroy and a set; a read
/// that extends the session is a touch.</param>
/// <param name="Cookie">sent, cleared or none.</param>
public sealed record Outcome(string Writes, string Cookie)
{
    public static Outcome Of(string writes, bool isCookieSent) => new(writes, isCookieSent ? "sent" : "none");
}
