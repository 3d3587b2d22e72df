namespace SessionStores.Tool;

/// <summary>The public name of a session: a digest of its id, the same that <c>HttpContext.Session.Id</c> is. It gives no access to the session.</summary>
internal static class Handle
{
    private const int Length = 32;

    public static string Of(string id) => SessionHandle.Of(id);

    /// <summary>Reads a handle of the command line. The message does not repeat it: it may be an id, which is a secret.</summary>
    /// <exception cref="UsageException">The text is not a handle.</exception>
    public static string Parse(string text) => text.Length == Length && text.All(char.IsAsciiHexDigit)
        ? text.ToLowerInvariant()
        : throw new UsageException($"A handle has {Length} hexadecimal digits, as the command list prints them. The text has {text.Length} characters.");
}
