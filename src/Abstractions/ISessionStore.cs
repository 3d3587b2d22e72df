namespace SessionStores;

/// <summary>Keeps sessions: opaque payloads under opaque ids, each with a lifetime after which it expires.</summary>
/// <remarks>
/// <para>The clauses named L1 to L24 are those of <c>docs/contract.md</c>; the conformance kit checks each of them. What holds for
/// every member:</para>
/// <list type="bullet">
/// <item>L1: one clock decides life and death, that of the server where there is one. It turns the <see cref="SessionLifetime"/> of a write into
/// an instant in the same step that writes it.</item>
/// <item>L4: when a write has returned, every later read through any instance on the same data sees it.</item>
/// <item>L12: each call is one atomic step at the server. A payload and its expiry are never written in two steps.</item>
/// <item>L16: ids are opaque, case-sensitive text of 1 to 256 characters without control characters and are never spliced into a
/// command. Anything else is an <see cref="ArgumentException"/> before any I/O.</item>
/// <item>L17: a payload is a UTF-8 JSON object; one that is not, or that is over the store's limit, is refused
/// (<see cref="ArgumentException"/>, <see cref="SessionPayloadTooLargeException"/>) and the stored record stays as it was.</item>
/// <item>L18: a cancelled token throws <see cref="OperationCanceledException"/>; a cancelled write is either complete or absent.</item>
/// <item>L19: a server that is down, slow or read-only ends in a <see cref="SessionStoreException"/> within the configured time,
/// never in a hang; when it is back, the same store object works again.</item>
/// <item>L20: a store is a thread-safe singleton. It disposes only what it created; its constructor does no I/O.</item>
/// <item>L21: no id, payload or connection text appears in a log line, an exception message or a metric tag.</item>
/// </list>
/// <para>Enumeration, subjects, keys, caps, epochs, pruning, claims of expired sessions and successors are optional capabilities: <see cref="ISessionEnumeration"/>,
/// <see cref="ISessionSubjects"/>, <see cref="ISessionKeys"/>, <see cref="ISessionCaps"/>, <see cref="ISessionEpochs"/>, <see cref="ISessionPruning"/>, <see cref="ISessionExpirations"/>, <see cref="ISessionSuccessors"/>.
/// <see cref="GetCapability"/> finds them, also behind a decorator.</para>
/// </remarks>
public interface ISessionStore
{
    /// <summary>The server and what distinguishes these sessions there, such as <c>Redis localhost:6379/0 sess:*</c>; null for a store that does
    /// not say. Two stores with the same text share their sessions, which is reported when an application starts.</summary>
    /// <value>Null by default. Contains no user and no password (L21). Does no I/O.</value>
    string? KeySpace => null;

    /// <summary>Finds a capability of this store, such as <see cref="ISessionSubjects"/>; null when it has none. Callers ask here and do not cast,
    /// so that a decorator can forward the capabilities of the store that it wraps, replace or hide them.</summary>
    /// <remarks>A store that implements its capabilities itself needs nothing. A decorator returns itself for what it implements and asks the wrapped
    /// store for the rest. Always returns the same result, and does no I/O.</remarks>
    /// <typeparam name="TCapability">The interface, or the class of a store that may be wrapped.</typeparam>
    TCapability? GetCapability<TCapability>()
        where TCapability : class => this as TCapability;

    /// <summary>Reads a session, and slides its expiry in the same step when asked to (L1, L2, L3).</summary>
    /// <remarks>
    /// Returns null for an id that is absent or whose record has expired (<c>now &gt;= ExpiresAt</c>), whether or not the server has
    /// removed it. The payload is byte for byte what was written. With <paramref name="slide"/>, a record with less than
    /// <see cref="SlidingExpiry.WhenRemainingBelow"/> of life left is extended as <see cref="SlidingExpiry"/> says, and the record
    /// carries the new expiry.
    /// </remarks>
    /// <exception cref="SessionStoreException">The server failed, or the stored record cannot be read
    /// (<see cref="SessionStoreFault.Unreadable"/>); an unreadable record is left as it is.</exception>
    ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default);

    /// <summary>Stores a session under a new id (L5).</summary>
    /// <remarks>Of any number of parallel creates of one id exactly one returns <see cref="SessionWriteStatus.Written"/>. An expired
    /// record does not hold its id. Content that has already expired leaves nothing readable (L11).</remarks>
    ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default);

    /// <summary>Replaces a session that still is what the caller loaded (L6).</summary>
    /// <remarks>
    /// Never creates, also not with <see cref="SessionVersion.Any"/>, which replaces whatever lives there. The version represents the stored content itself, so that a write by a program that does not use versions is
    /// noticed too. An expired, destroyed or rotated session is <see cref="SessionWriteStatus.Gone"/> (L9). A touch between load and replace is
    /// no conflict. The lifetime of the content counts from now, whether that ends earlier or later; content that has already expired leaves nothing readable
    /// (L11).
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="version"/> is <c>default(SessionVersion)</c>.</exception>
    ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default);

    /// <summary>Stores a session whether or not one is there (L7): for imports, migrations and administration.</summary>
    /// <remarks>A request that loaded a session uses <see cref="ReplaceAsync"/> instead, or it would bring back what was destroyed
    /// in the meantime and overwrite what other writers changed.</remarks>
    ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default);

    /// <summary>Moves the expiry forward (L8). Never moves it back, changes nothing else, never creates, never conflicts.</summary>
    /// <returns>True when a live session was there, whether or not its expiry moved.</returns>
    ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default);

    /// <summary>Removes a session (L9). Once it has returned, no replace, touch or rotation of the session that was loaded before can
    /// bring it back.</summary>
    /// <remarks>An id that was rotated in the last 5 minutes ends the session that it became, over any number of rotations, so that a log-out
    /// that races a rotation ends the session in either order.</remarks>
    /// <returns>True when a live session was there. Removing what is not there succeeds and returns false.</returns>
    ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Gives a session a new id and new content in one step as seen by any reader: never both ids, never neither (L10).</summary>
    /// <remarks>
    /// Never creates: a session that is gone stays gone. The store remembers for 5 minutes what the
    /// old id became, for <see cref="DestroyAsync"/> and <see cref="ISessionSuccessors"/> only. The step is done only while the stored content is still that
    /// <paramref name="version"/>; with <see cref="SessionVersion.Any"/> whatever the content has become. A store whose server cannot do this in one
    /// step says in its documentation which guarantee holds instead; the old id never works again once the call has returned.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="newId"/> equals <paramref name="id"/>, or <paramref name="version"/> is
    /// <c>default(SessionVersion)</c>.</exception>
    ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default);
}
