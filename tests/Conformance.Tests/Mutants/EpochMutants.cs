using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Epoch.The_epoch_is_that_of_the_clock_of_the_server")]
public sealed class SetsTheEpochByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset EpochNow => NodeNow;
}

[CaughtBy("Epoch.The_epoch_is_that_of_the_clock_of_the_server")]
public sealed class ComparesTheEpochWithTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset JoinNow => NodeNow;
}

[CaughtBy("Epoch.Later_log_ins_of_the_subject_live", "Epoch.Later_log_ins_keep_what_they_change")]
public sealed class VoidsLaterLogInsToo(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsVoid(ReferenceRow row) => row.Subject is not null && EpochOf(row) is not null;
}

[CaughtBy("Epoch.Each_epoch_voids_what_has_joined_since_the_one_before")]
public sealed class KeepsTheFirstEpoch(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Void(ReferenceTable table, string subject) => table.Epochs.TryAdd(EpochKey(subject), EpochNow);
}

[CaughtBy("Epoch.Sessions_of_others_and_of_no_subject_live")]
public sealed class HasOneEpochForAll(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string EpochKey(string subject) => "all";
}

[CaughtBy("Epoch.Sessions_of_others_and_of_no_subject_live")]
public sealed class IgnoresTheCaseOfTheEpoch(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string EpochKey(string subject) => subject.ToUpperInvariant();
}

/// <summary>Asks for the epoch in a step of its own before that of the record, and asks again only after its own calls: what other nodes set in the meantime is missed.</summary>
[CaughtBy("Epoch.Another_store_on_the_same_data_knows_the_epoch")]
public sealed class ReadsTheEpochBeforeTheRecord(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly Dictionary<string, DateTimeOffset?> _read = [];

    protected override bool Void(ReferenceTable table, string subject)
    {
        _read.Remove(EpochKey(subject));
        return base.Void(table, subject);
    }

    protected override DateTimeOffset? EpochOf(ReferenceRow row)
    {
        if (!_read.TryGetValue(EpochKey(row.Subject!), out var epoch))
            _read[EpochKey(row.Subject!)] = epoch = base.EpochOf(row);

        return epoch;
    }
}

[CaughtBy("Epoch.Another_store_on_the_same_data_knows_the_epoch")]
public sealed class KeepsEpochsInTheProcess(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly Dictionary<string, DateTimeOffset> _own = [];

    protected override bool Void(ReferenceTable table, string subject)
    {
        _own[subject] = EpochNow;
        return true;
    }

    protected override DateTimeOffset? EpochOf(ReferenceRow row) => _own.TryGetValue(row.Subject!, out var epoch) ? epoch : null;
}

[CaughtBy("Epoch.No_call_under_way_saves_a_session_from_an_epoch")]
public sealed class EndsTheListedOneByOne(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        var keys = await SendAsync("ListBySubject", false, table => KeysOf(table, subject).ToList(), cancellationToken);
        await Task.Delay(20, cancellationToken);
        foreach (var key in keys)
        {
            await SendAsync("Destroy", true, table =>
            {
                Remove(table, key);
                return true;
            }, cancellationToken);
        }
    }
}

/// <summary>Removes the sessions that are there in one step; one that is between its two ids is not.</summary>
[CaughtBy("Epoch.No_call_under_way_saves_a_session_from_an_epoch")]
public sealed class EndsNoSessionBetweenTwoIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        var old = await SendAsync("Rotate", true, table =>
        {
            var found = Find(table, id);
            Remove(table, Key(id));
            return found;
        }, cancellationToken);
        if (old is null)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);

        await Task.Delay(5, CancellationToken.None);
        return await SendAsync("Rotate", true, table => SessionWriteResult.Written(VersionOf(Put(table, newId, content))), CancellationToken.None);
    }

    protected override bool Void(ReferenceTable table, string subject)
    {
        foreach (var key in KeysOf(table, subject).ToList())
            Remove(table, key);

        return true;
    }
}

[CaughtBy("Epoch.Pruning_brings_no_void_session_back")]
public sealed class ForgetsTheEpochAtPrune(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        table.Epochs.Clear();
        return base.Prune(table, batchSize);
    }
}

[CaughtBy("Epoch.Pruning_removes_void_sessions")]
public sealed class KeepsVoidSessions(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private bool _prunes;

    protected override bool IsVoid(ReferenceRow row) => !_prunes && base.IsVoid(row);

    protected override void PruneEpochs(ReferenceTable table)
    {
    }

    protected override long Prune(ReferenceTable table, int batchSize)
    {
        _prunes = true;
        var removed = base.Prune(table, batchSize);
        _prunes = false;
        return removed;
    }
}

[CaughtBy("Epoch.An_epoch_needs_a_valid_subject")]
public sealed class TakesAnySubjectForAnEpoch(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckEpoch(string subject)
    {
    }
}

[CaughtBy("Epoch.A_cancelled_epoch_throws_and_voids_nothing")]
public sealed class VoidsAlthoughCancelled(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default) => base.VoidBySubjectAsync(subject, CancellationToken.None);
}

/// <summary>A store that does not ask for the epoch in some of its commands. A command is one step, in which no other one runs.</summary>
public abstract class PartlyVoid(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private bool _ignores;

    protected override bool IsVoid(ReferenceRow row) => !_ignores && base.IsVoid(row);

    protected T Ignoring<T>(Func<T> command)
    {
        _ignores = true;
        try
        {
            return command();
        }
        finally
        {
            _ignores = false;
        }
    }
}

[CaughtBy("Epoch.A_void_session_is_no_session_however_it_was_written")]
public sealed class ReadsVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) => Ignoring(() => base.Get(table, id, slide));
}

[CaughtBy("Epoch.A_void_session_is_no_session_however_it_was_written")]
public sealed class SlidesVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) =>
        slide is null ? base.Get(table, id, slide) : Ignoring(() => base.Get(table, id, slide));
}

[CaughtBy("Epoch.A_void_session_is_no_session_however_it_was_written")]
public sealed class TouchesVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt) => Ignoring(() => base.Touch(table, id, expiresAt));
}

[CaughtBy("Epoch.A_void_session_is_no_session_however_it_was_written")]
public sealed class ReplacesVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        Ignoring(() => base.Replace(table, id, version, content));
}

[CaughtBy("Epoch.A_void_session_is_no_session_however_it_was_written")]
public sealed class RotatesVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        Ignoring(() => base.Rotate(table, id, newId, version, content));
}

[CaughtBy("Epoch.A_void_session_is_no_session_however_it_was_written", "Epoch.A_void_session_is_no_successor")]
public sealed class SaysThatItEndsVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) => Ignoring(() => base.Destroy(table, id));
}

[CaughtBy("Epoch.Later_log_ins_of_the_subject_live")]
public sealed class KeepsTheIdsOfVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content) => Ignoring(() => base.Create(table, id, content));
}

[CaughtBy("Epoch.Later_log_ins_of_the_subject_live")]
public sealed class KeepsTheInstantOfAVoidSession(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) => Ignoring(() => base.Set(table, id, content));
}

[CaughtBy("Epoch.Void_sessions_are_neither_listed_nor_counted")]
public sealed class ListsVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) => Ignoring(() => base.Readable(table, key));
}

[CaughtBy("Epoch.Void_sessions_are_neither_listed_nor_counted")]
public sealed class CountsVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override long CountBySubject(ReferenceTable table, string subject) => Ignoring(() => base.CountBySubject(table, subject));
}

[CaughtBy("Epoch.Void_sessions_are_neither_listed_nor_counted")]
public sealed class SaysHowManyVoidSessionsItEnds(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        Ignoring(() => base.DestroyBySubject(table, subject, exceptIds));
}

[CaughtBy("Epoch.Void_sessions_do_not_count_against_a_cap")]
public sealed class CapsCountVoidSessions(ReferenceServer server, string name, StoreSettings settings) : PartlyVoid(server, name, settings)
{
    protected override List<ReferenceRow> MembersOf(ReferenceTable table, string subject) => Ignoring(() => base.MembersOf(table, subject));
}

[CaughtBy("Epoch.A_void_session_does_not_expire")]
public sealed class HandsOutVoidSessions(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsClaimable(ReferenceRow row) => !IsLive(row);
}

[CaughtBy("Epoch.A_session_is_void_with_the_subject_that_it_has")]
public sealed class VoidsByTheFirstSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly Dictionary<string, string> _first = [];

    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        if (content.Subject is not null)
            _first.TryAdd(id, content.Subject);

        return base.Put(table, id, content);
    }

    protected override bool IsVoid(ReferenceRow row) =>
        row.Table is { } table && _first.TryGetValue(row.Id, out var subject) && table.Epochs.TryGetValue(subject, out var epoch) && row.JoinedAt <= epoch;
}
