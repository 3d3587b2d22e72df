namespace SessionStores.Protection;

/// <summary>How sessions are protected at rest.</summary>
public sealed class SessionProtectionOptions
{
    private static readonly TimeSpan ShortestRefresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRefresh = TimeSpan.FromDays(1);

    /// <summary>The keys. The first protects what is written; all open what was written before.</summary>
    /// <value>Empty by default. At least one key, unless <see cref="KeyRing"/> is set.</value>
    public IList<SessionProtectionKey> Keys { get; private set; } = [];

    /// <summary>Returns the keys, in place of <see cref="Keys"/>: the current one first. Called when the store is first used, and again after each
    /// <see cref="KeyRefreshInterval"/>. While it throws, the keys that it returned last are kept, and the failure is logged.</summary>
    /// <value>Null by default.</value>
    public Func<IReadOnlyList<SessionProtectionKey>>? KeyRing { get; set; }

    /// <summary>How long the keys of <see cref="KeyRing"/> are used before it is called again.</summary>
    /// <value>1 minute by default; 1 second to 1 day.</value>
    public TimeSpan KeyRefreshInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the server sees subjects, and keys of sessions, as hashes too. Subjects are usually user ids; set it where those are e-mail addresses or names.</summary>
    /// <value>False by default.</value>
    public bool HashSubjects { get; set; }

    /// <summary>Opens the migration window: sessions that were stored without protection are read under their own ids, and protected when they are next
    /// written. Each is counted and logged. While it is open, whoever can write to the database can add sessions; close it when none is left.</summary>
    /// <value>False by default: what is not protected is no session.</value>
    public bool AcceptUnprotected { get; set; }

    /// <summary>The largest payload, in bytes, before it is sealed. A sealed one takes about a third more, so the limit of the store may be reached
    /// first.</summary>
    /// <value>1,048,576 (1 MiB) by default; 2 to 536,870,912 (512 MiB).</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    internal SessionProtectionOptions Copy()
    {
        var copy = (SessionProtectionOptions)MemberwiseClone();
        copy.Keys = [.. Keys];
        return copy;
    }

    internal void Validate()
    {
        var problems = new OptionProblems(nameof(SessionProtectionOptions));
        if (Keys.Count == 0 && KeyRing is null)
            problems.Add($"{nameof(Keys)} must have at least one key, but is empty. Add the output of: openssl rand -base64 32");
        else if (Keys.Any(key => key is null))
            problems.Add($"{nameof(Keys)} must not contain null.");

        if (Keys.Count > 0 && KeyRing is not null)
            problems.Add($"{nameof(Keys)} and {nameof(KeyRing)} exclude each other, but both are set.");

        problems.CheckRange(nameof(KeyRefreshInterval), KeyRefreshInterval, ShortestRefresh, LongestRefresh);
        problems.CheckMaxPayloadBytes(MaxPayloadBytes, 1 << 29);
        problems.ThrowIfAny();
    }
}
