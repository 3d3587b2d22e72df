using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Replacement.Replace_of_an_absent_id_is_gone_and_creates_nothing", "Resurrection.Destroy_against_replace")]
public sealed class ReplaceUpserts(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        Find(table, id) is null ? SessionWriteResult.Written(VersionOf(Put(table, id, content))) : base.Replace(table, id, version, content);
}

[CaughtBy("Replacement.Replace_of_a_destroyed_session_is_gone_and_does_not_bring_it_back", "Resurrection.A_replace_after_the_destroy_returned_is_gone")]
public sealed class ReplaceUpsertsAndSaysGone(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var result = base.Replace(table, id, version, content);
        if (result.Status == SessionWriteStatus.Gone)
            Put(table, id, content);

        return result;
    }
}

[CaughtBy("Replacement.Replace_after_another_write_is_a_conflict", "Race.Writers_that_load_and_replace_until_they_win_lose_no_increment")]
public sealed class ReplaceIgnoresTheVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        Find(table, id) is null ? SessionWriteResult.NotWritten(SessionWriteStatus.Gone) : SessionWriteResult.Written(VersionOf(Put(table, id, content)));
}

[CaughtBy("Race.Of_many_replaces_of_one_version_exactly_one_wins", "Race.Writers_that_load_and_replace_until_they_win_lose_no_increment", "History.Clients_on_one_session_agree_on_an_order", "Resurrection.Destroy_against_replace")]
public sealed class ReadsThenReplaces(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckContent(content);
        var stored = await GetAsync(id, null, cancellationToken);
        if (stored is null)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);

        if (stored.Version != version)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);

        await SetAsync(id, content, cancellationToken);
        return SessionWriteResult.Written(SessionVersion.Of(content.Payload.ToArray(), content.Subject));
    }
}

[CaughtBy("Replacement.Replace_after_another_write_is_a_conflict")]
public sealed class ReportsConflictAsSuccess(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var result = base.Replace(table, id, version, content);
        return result.Status == SessionWriteStatus.Conflict ? SessionWriteResult.Written(version) : result;
    }
}

[CaughtBy("Replacement.A_conflict_leaves_what_the_other_wrote")]
public sealed class WritesInSpiteOfAConflict(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var result = base.Replace(table, id, version, content);
        if (result.Status == SessionWriteStatus.Conflict)
            Put(table, id, content);

        return result;
    }
}

[CaughtBy("Replacement.Replace_of_a_destroyed_session_is_gone_and_does_not_bring_it_back")]
public sealed class ReportsGoneAsConflict(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var result = base.Replace(table, id, version, content);
        return result.Status == SessionWriteStatus.Gone ? SessionWriteResult.NotWritten(SessionWriteStatus.Conflict) : result;
    }
}

[CaughtBy("Replacement.A_conflicting_replace_with_expired_content_removes_nothing")]
public sealed class RemovesBeforeItLooksAtTheVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var result = base.Replace(table, id, version, content);
        if (base.ExpiryOf(content) <= Now)
            Remove(table, id);

        return result;
    }
}

[CaughtBy("Replacement.Replace_can_bring_the_expiry_forward_to_an_earlier_instant", "Expiry.A_session_whose_life_was_shortened_expires_then")]
public sealed class ReplaceNeverShortens(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var before = Find(table, id)?.ExpiresAt ?? default;
        return base.Replace(table, id, version, new SessionContent(content.Payload, before > base.ExpiryOf(content) ? before : base.ExpiryOf(content), content.Subject));
    }
}

[CaughtBy("Expiry.A_replaced_session_lives_past_its_first_expiry", "Replacement.Replace_with_the_loaded_version_is_replaced")]
public sealed class ReplaceKeepsTheFirstExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, id, version, new SessionContent(content.Payload, Find(table, id)?.ExpiresAt ?? base.ExpiryOf(content), content.Subject));
}

[CaughtBy("Replacement.Replace_with_the_loaded_version_is_replaced", "Subject.The_index_follows_a_replace")]
public sealed class ReplaceKeepsTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, id, version, new SessionContent(content.Payload, base.ExpiryOf(content), Find(table, id)?.Subject));
}

[CaughtBy("Lifecycle.Create_of_a_taken_id_leaves_the_session_as_it_was", "Lifecycle.Create_of_a_taken_id_returns_taken")]
public sealed class CreateOverwrites(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content) => SessionWriteResult.Written(VersionOf(Put(table, id, content)));
}

[CaughtBy("Lifecycle.Create_with_the_same_content_is_taken_too")]
public sealed class CreateIsIdempotent(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content) =>
        Find(table, id) is { } row && row.Payload.AsSpan().SequenceEqual(content.Payload.Span) ? SessionWriteResult.Written(VersionOf(row)) : base.Create(table, id, content);
}

[CaughtBy("Race.Of_many_creates_of_one_id_exactly_one_wins")]
public sealed class LooksThenCreates(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckContent(content);
        if (await GetAsync(id, null, cancellationToken) is not null)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

        await SetAsync(id, content, cancellationToken);
        return SessionWriteResult.Written(SessionVersion.Of(content.Payload.ToArray(), content.Subject));
    }
}

[CaughtBy("Lifecycle.Set_stores_an_absent_session", "Lifecycle.Set_brings_back_a_destroyed_id")]
public sealed class SetOnlyUpdates(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) => Find(table, id) is not null && base.Set(table, id, content);
}

[CaughtBy("Lifecycle.Set_overwrites_payload_expiry_and_subject")]
public sealed class SetOnlyInserts(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) => Find(table, id) is not null || base.Set(table, id, content);
}

[CaughtBy("Lifecycle.Set_can_take_the_subject_away")]
public sealed class SetKeepsTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) =>
        base.Set(table, id, new SessionContent(content.Payload, base.ExpiryOf(content), content.Subject ?? Find(table, id)?.Subject));
}

[CaughtBy("Race.A_reader_never_sees_half_a_write")]
public sealed class SetsPayloadAndExpiryInTwoSteps(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckContent(content);
        var before = await GetAsync(id, null, cancellationToken);
        await SendAsync("Set", true, table => Set(table, id, new SessionContent(content.Payload, before?.ExpiresAt ?? base.ExpiryOf(content), content.Subject)), cancellationToken);
        await SendAsync("Set", true, table => Set(table, id, content), cancellationToken);
    }
}

[CaughtBy("Touch.Touch_of_an_absent_id_returns_false_and_creates_nothing", "Touch.Touch_of_a_destroyed_session_returns_false_and_does_not_bring_it_back")]
public sealed class TouchCreates(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (Find(table, id) is null)
            Put(table, id, new SessionContent("{}"u8.ToArray(), expiresAt));

        return base.Touch(table, id, expiresAt);
    }
}

[CaughtBy("Touch.Touch_never_moves_the_expiry_back", "Race.Of_many_touches_the_furthest_remains", "Touch.Touch_does_not_give_an_expiry_to_a_session_that_has_none", "Expiry.A_shorter_idle_time_shortens_nothing_in_a_touch_or_slide")]
public sealed class TouchShortens(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (Find(table, id) is not { } row)
            return false;

        row.ExpiresAt = expiresAt;
        return true;
    }
}

[CaughtBy("Touch.Touch_moves_the_expiry_forward", "Touch.A_touched_session_lives_past_its_first_expiry")]
public sealed class TouchDoesNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt) => Find(table, id) is not null;
}

[CaughtBy("Touch.Touch_with_the_same_expiry_returns_true", "Touch.Touch_never_moves_the_expiry_back")]
public sealed class TouchAnswersWhetherItMoved(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt) =>
        Find(table, id) is { } row && expiresAt > row.ExpiresAt && base.Touch(table, id, expiresAt);
}

[CaughtBy("Touch.Touch_with_an_instant_that_has_passed_ends_nothing")]
public sealed class TouchWithThePastDestroys(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt) =>
        expiresAt <= Now ? Destroy(table, id) : base.Touch(table, id, expiresAt);
}

[CaughtBy("Touch.Touch_changes_neither_payload_nor_subject")]
public sealed class TouchLosesTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (Find(table, id) is { } row)
            row.Subject = null;

        return base.Touch(table, id, expiresAt);
    }
}

[CaughtBy("Resurrection.Destroy_against_touch", "Race.A_touch_that_meets_a_replace_neither_fails_it_nor_undoes_it")]
public sealed class TouchReadsThenSets(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        if (await GetAsync(id, null, cancellationToken) is not { } stored)
            return false;

        var normalized = lifetime.ExpiryAt(Now);
        await SetAsync(id, new SessionContent(stored.Payload, normalized > stored.ExpiresAt ? normalized : stored.ExpiresAt, stored.Subject), cancellationToken);
        return true;
    }
}

[CaughtBy("History.Clients_that_move_the_expiry_agree_on_an_order", "Race.Of_many_touches_the_furthest_remains")]
public sealed class TouchLooksThenMoves(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        if (await GetAsync(id, null, cancellationToken) is not { } stored)
            return false;

        var normalized = lifetime.ExpiryAt(Now);
        if (normalized <= stored.ExpiresAt)
            return true;

        return await SendAsync("Touch", true, table => Find(table, id) is { } row && (row.ExpiresAt = normalized) == normalized, cancellationToken);
    }
}

[CaughtBy("Lifecycle.Destroying_what_never_was_returns_false", "Lifecycle.Destroying_again_succeeds_and_returns_false", "Rotation.Destroy_of_a_rotated_id_returns_false_when_the_session_is_over", "Rotation.A_second_destroy_of_a_rotated_id_returns_false")]
public sealed class DestroyAlwaysAnswersTrue(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) => base.Destroy(table, id) || true;
}

[CaughtBy("Lifecycle.Destroying_what_never_was_returns_false")]
public sealed class DestroyOfNothingThrows(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) =>
        table.Rows.ContainsKey(id) ? base.Destroy(table, id) : throw new ReferenceServerException("missing", "there is no such record");
}

[CaughtBy("Race.Of_many_destroys_exactly_one_returns_true")]
public sealed class DestroyLooksThenDeletes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        var wasThere = await GetAsync(id, null, cancellationToken) is not null;
        await base.DestroyAsync(id, cancellationToken);
        return wasThere;
    }
}

[CaughtBy("Lifecycle.A_destroyed_session_is_gone")]
public sealed class DestroyForgetsToDelete(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) => Find(table, id) is not null;
}
