using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

/// <summary>A store that looks first and writes back for a moment what it saw, before it notices.</summary>
public abstract class RevivingMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    /// <summary>Writes a session back that has gone since it was seen, and removes it again a little later.</summary>
    protected async Task ReviveAsync(string operation, string id, ReferenceRow seen, CancellationToken cancellationToken)
    {
        var revived = await SendAsync(operation, true, table => !table.Rows.ContainsKey(Key(id)) && table.Rows.TryAdd(Key(id), seen), cancellationToken);
        if (!revived)
            return;

        await Task.Delay(5, CancellationToken.None);
        await SendAsync(operation, true, table => table.Rows.GetValueOrDefault(Key(id)) == seen && table.Rows.Remove(Key(id)), CancellationToken.None);
    }

    protected Task<ReferenceRow?> SeeAsync(string operation, string id, CancellationToken cancellationToken) =>
        SendAsync(operation, false, table => Find(table, id), cancellationToken);
}

[CaughtBy("Race.The_old_id_is_never_seen_once_a_rotation_has_returned", "Resurrection.Destroy_against_touch")]
public sealed class TouchRevivesForAMoment(ReferenceServer server, string name, StoreSettings settings) : RevivingMutant(server, name, settings)
{
    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        var seen = await SeeAsync("Touch", id, cancellationToken);
        var touched = await base.TouchAsync(id, lifetime, cancellationToken);
        if (!touched && seen is not null)
            await ReviveAsync("Touch", id, seen, cancellationToken);

        return touched;
    }
}

[CaughtBy("Race.The_old_id_is_never_seen_once_a_rotation_has_returned", "Resurrection.Destroy_against_a_sliding_read")]
public sealed class SlideRevivesForAMoment(ReferenceServer server, string name, StoreSettings settings) : RevivingMutant(server, name, settings)
{
    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        var seen = slide is null ? null : await SeeAsync("Get", id, cancellationToken);
        var record = await base.GetAsync(id, slide, cancellationToken);
        if (record is null && seen is not null)
            await ReviveAsync("Get", id, seen, cancellationToken);

        return record;
    }
}

[CaughtBy("Race.The_old_id_is_never_seen_once_a_rotation_has_returned", "Resurrection.Destroy_against_replace")]
public sealed class ReplaceRevivesForAMoment(ReferenceServer server, string name, StoreSettings settings) : RevivingMutant(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckContent(content);
        var seen = await SeeAsync("Replace", id, cancellationToken);
        var result = await base.ReplaceAsync(id, version, content, cancellationToken);
        if (result.Status == SessionWriteStatus.Gone && seen is not null)
            await ReviveAsync("Replace", id, seen, cancellationToken);

        return result;
    }
}

/// <summary>A store that gives a new session its expiry in a step of its own.</summary>
public abstract class TwoStepMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected static SessionContent WithoutExpiry(SessionContent content) => new(content.Payload, SessionLifetime.Never, content.Subject);

    protected async Task ExpireAsync(string operation, string id, SessionContent content, CancellationToken cancellationToken)
    {
        var expiry = ExpiryOf(content);
        await SendAsync(operation, true, table => Find(table, id) is { } row ? row.ExpiresAt = expiry : expiry, cancellationToken);
    }
}

[CaughtBy("Race.A_reader_never_sees_half_of_a_new_session")]
public sealed class CreatesAndExpiresInTwoSteps(ReferenceServer server, string name, StoreSettings settings) : TwoStepMutant(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckContent(content);
        var result = await base.CreateAsync(id, WithoutExpiry(content), cancellationToken);
        if (result.Status == SessionWriteStatus.Written)
            await ExpireAsync("Create", id, content, cancellationToken);

        return result;
    }
}

[CaughtBy("Race.A_reader_never_sees_half_of_a_new_session")]
public sealed class RotatesAndExpiresInTwoSteps(ReferenceServer server, string name, StoreSettings settings) : TwoStepMutant(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckContent(content);
        var result = await base.RotateAsync(id, newId, version, WithoutExpiry(content), cancellationToken);
        if (result.Status == SessionWriteStatus.Written)
            await ExpireAsync("Rotate", newId, content, cancellationToken);

        return result;
    }
}

[CaughtBy("Race.A_reader_never_sees_half_a_replace")]
public sealed class ReplacesAndExpiresInTwoSteps(ReferenceServer server, string name, StoreSettings settings) : TwoStepMutant(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckContent(content);
        var result = await base.ReplaceAsync(id, version, WithoutExpiry(content), cancellationToken);
        if (result.Status == SessionWriteStatus.Written)
            await ExpireAsync("Replace", id, content, cancellationToken);

        return result;
    }
}

[CaughtBy("Pruning.Prune_spares_what_is_written_over_an_expired_id_concurrently")]
public sealed class PrunesWhatWasSetInTheMeantime(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly HashSet<string> _created = [];

    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 100_000);
        long removed = 0, batch;
        do
        {
            var expired = await SendAsync("Prune", true, table => table.Rows.Where(pair => !IsLive(pair.Value)).Select(pair => pair.Key).Take(batchSize).ToList(), cancellationToken);

            // Long enough for others to write, also where they wait for a processor.
            await Task.Delay(1, cancellationToken);
            batch = await SendAsync("Prune", true, table => RemoveAll(table, expired), cancellationToken);
            removed += batch;
        }
        while (batch > 0);

        return removed;
    }

    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content)
    {
        var result = base.Create(table, id, content);
        if (result.Status == SessionWriteStatus.Written)
            _created.Add(Key(id));

        return result;
    }

    protected override bool Set(ReferenceTable table, string id, SessionContent content) => _created.Remove(Key(id)) | base.Set(table, id, content);

    private long RemoveAll(ReferenceTable table, List<string> keys)
    {
        // A session that was created is told by the time of its creation; one that was set is not.
        var gone = keys.Where(key => table.Rows.TryGetValue(key, out var row) && (!IsLive(row) || !_created.Contains(key))).ToList();
        gone.ForEach(key => Remove(table, key));
        return gone.Count;
    }
}
