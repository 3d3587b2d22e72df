namespace SessionStores.Moving;

/// <summary>A session that a comparison of both sides has found on the old side.</summary>
/// <param name="Handle">The first 16 bytes of the SHA-256 of its id in hexadecimal, as <c>HttpContext.Session.Id</c> shows it; the id is a secret.</param>
/// <param name="Kind">How it is on the new side.</param>
public sealed record SessionDifference(string Handle, SessionDifferenceKind Kind);
