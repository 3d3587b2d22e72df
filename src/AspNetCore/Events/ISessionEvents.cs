namespace SessionStores.AspNetCore;

/// <summary>Is told what happens to sessions and sign-ins, such as to write an audit log. The application implements it and registers it as a
/// singleton: <c>services.AddSingleton&lt;ISessionEvents, AuditLog&gt;()</c>. Several can be registered; each gets every event.</summary>
/// <remarks>
/// <para>An event follows the confirmation of the store, on the node that made the change, in the flow of the request that made it: a handler can find out
/// who acted with <c>IHttpContextAccessor</c>. The request waits for the handler, and does not fail with it: an exception, or more time than
/// <see cref="SessionStoresOptions.EventTimeout"/>, is logged and counted. A node that stops at that moment may have changed a session without an event.</para>
/// <para><see cref="SessionEventKind.Expired"/> comes from housekeeping, on one of the nodes, and several at once. It is delivered at least once: again, up to five times and after
/// a minute or more, if a handler does not take it or its node stops.</para>
/// </remarks>
public interface ISessionEvents
{
    /// <summary>Takes an event. Called from several threads at once.</summary>
    /// <param name="sessionEvent">What has happened.</param>
    /// <param name="cancellationToken">Cancelled when the time is over.</param>
    ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken);
}
