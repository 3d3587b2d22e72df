namespace SessionStores.Protection;

/// <content>Expired sessions that are claimed.</content>
public sealed partial class ProtectedStore
{
    /// <inheritdoc/>
    /// <remarks>A session that cannot be opened any longer, because its key is gone, is confirmed here: nothing is known of it.</remarks>
    public async ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        var expirations = Capability<ISessionExpirations>();
        while (true)
        {
            var claimed = await expirations.ClaimExpiredAsync(size, lease, cancellationToken).ConfigureAwait(false);
            var opened = new List<ExpiredSession>(claimed.Count);
            var closed = new List<ExpiredSession>();
            foreach (var stored in claimed)
            {
                if (OpenListed(stored.Session) is { } session)
                    opened.Add(new ExpiredSession(WithoutVersion(session), stored.Claims, stored.Claim));
                else
                    closed.Add(stored);
            }

            if (closed.Count > 0)
                await expirations.ConfirmExpiredAsync(closed, cancellationToken).ConfigureAwait(false);

            if (opened.Count > 0 || claimed.Count == 0)
                return opened;
        }
    }

    /// <inheritdoc/>
    public ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default) =>
        Capability<ISessionExpirations>().ConfirmExpiredAsync(sessions, cancellationToken);

    private static SessionRecord WithoutVersion(SessionRecord session) =>
        new(session.Id, session.Payload, session.ExpiresAt, session.Remaining, session.Subject, default, session.Key);
}
