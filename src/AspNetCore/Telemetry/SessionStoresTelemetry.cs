namespace SessionStores.AspNetCore;

/// <summary>The names under which sessions report to OpenTelemetry.</summary>
/// <remarks>
/// <para>Instruments of the meter:</para>
/// <list type="bullet">
/// <item><c>sessionstores.loads</c>, by <c>outcome</c>: a <see cref="SessionLoadResult"/>.</item>
/// <item><c>sessionstores.saves</c>, by <c>kind</c>: create, replace, rotate, touch, destroy.</item>
/// <item><c>sessionstores.conflicts.merged</c>: saves that were merged with a change of another request.</item>
/// <item><c>sessionstores.updates.preserved</c>: members that another request had changed and that such a save kept. A store that writes
/// whole records would have lost them.</item>
/// <item><c>sessionstores.clashes</c>: members to which two requests assigned different values.</item>
/// <item><c>sessionstores.resurrections.blocked</c>: saves of sessions that had been destroyed in the meantime.</item>
/// <item><c>sessionstores.touches.skipped</c>: reads that did not need to extend the session.</item>
/// <item><c>sessionstores.outages</c>, by <c>stage</c>: load, save or destroy, when the outage policy took over.</item>
/// <item><c>sessionstores.ids.reused</c>: requests with an id that had been replaced longer ago than <see cref="SessionStoresOptions.RotationGrace"/>.</item>
/// <item><c>sessionstores.moves</c>, by <c>kind</c>, session or sign-in: what was moved from where the application kept it before.</item>
/// <item><c>sessionstores.events</c>, by <c>kind</c> and <c>reason</c>: events that the handlers of <see cref="ISessionEvents"/> have taken; a
/// <see cref="SessionEventKind"/> and, of an end, a <see cref="SessionEndReason"/>.</item>
/// <item><c>sessionstores.events.failed</c>, by <c>kind</c> and <c>error.type</c>, timeout or the type of an exception: deliveries that a handler did not take.</item>
/// <item><c>sessionstores.events.repeated</c>: expiries that were delivered again, because a handler or a node had failed.</item>
/// <item><c>sessionstores.store.duration</c> in seconds, by <c>operation</c> and <c>error.type</c>.</item>
/// <item><c>sessionstores.sessions</c>, by <c>sessions</c>, the name of the set if it has one: the live sessions at the last count. Off
/// unless <see cref="SessionStoresOptions.CountInterval"/> is set.</item>
/// </list>
/// <para>The activity source creates a client span for each call to the store, with OpenTelemetry's conventions for databases. The span is named
/// after the operation (get, create, replace, rotate, touch, destroy, list_by_subject, destroy_by_subject, void_by_subject, prune, claim_expired, confirm_expired, count) and has <c>db.operation.name</c>, <c>db.system.name</c>
/// (redis, postgresql, mongodb, memory) and, if the call failed, <c>error.type</c>: the <see cref="SessionStoreFault"/> or the type of the
/// exception. Spans of a driver are its children. No id, payload or connection string is reported.</para>
/// </remarks>
public static class SessionStoresTelemetry
{
    /// <summary>The name of the meter, for <c>AddMeter</c>.</summary>
    public const string MeterName = "SessionStores";

    /// <summary>The name of the activity source, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "SessionStores";
}
