namespace SessionStores.AspNetCore;

/// <summary>What can happen to a session.</summary>
public enum SessionEventKind
{
    /// <summary>It was stored for the first time.</summary>
    Created = 0,

    /// <summary>It got a new id. A log-in that regenerates the session is one, with the user as <see cref="SessionEvent.Subject"/>.</summary>
    Rotated = 1,

    /// <summary>It was destroyed before its time was over; <see cref="SessionEvent.Reason"/> says by whom.</summary>
    Ended = 2,

    /// <summary>Its idle time or its absolute limit has passed. One of the nodes reports it at its next <see cref="SessionStoresOptions.PruneInterval"/>, at least once, from a store
    /// that offers <see cref="ISessionExpirations"/>. A session whose record was pruned or destroyed after its expiry gives no event.</summary>
    Expired = 3,

    /// <summary>A request came with the id that the session had before a rotation, later than any request that was under way
    /// (<see cref="SessionStoresOptions.RotationGrace"/>): the cookie may have been stolen. <see cref="SessionEvent.FormerHandle"/> is that of the old id.</summary>
    Reused = 4,
}
