using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Cap.Of_many_log_ins_at_once_no_more_than_the_cap_are_admitted")]
public sealed class CountsAndThenWrites(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    // One for all nodes: those that wait at one node could otherwise be the only ones there that find room.
    private static readonly ConditionalWeakTable<ReferenceServer, Counted> OfServers = [];

    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        await IsFullAsync(content, cap) ? Full : await CreateAsync(id, content, cancellationToken);

    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        await IsFullAsync(content, cap) ? Full : await ReplaceAsync(id, version, content, cancellationToken);

    public override async ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        await IsFullAsync(content, cap) ? Full : await RotateAsync(id, newId, version, content, cancellationToken);

    private static SessionWriteResult Full => SessionWriteResult.NotWritten(SessionWriteStatus.Full);

    /// <summary>Waits until more have counted than are let in, whatever the machine.</summary>
    private async Task<bool> IsFullAsync(SessionContent content, SessionCap cap)
    {
        if (await CountBySubjectAsync(content.Subject!) >= cap.Most)
            return true;

        var counted = OfServers.GetOrCreateValue(Server);
        if (Interlocked.Increment(ref counted.Count) > cap.Most)
            counted.IsEnough.TrySetResult();

        await counted.IsEnough.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return false;
    }

    private sealed class Counted
    {
        public int Count;

        public TaskCompletionSource IsEnough { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

[CaughtBy("Cap.Of_many_log_ins_at_once_as_many_as_the_cap_remain")]
public sealed class ListsTheOldestAndThenEndsThem(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        var oldest = await SendAsync("ListBySubject", false, table => MembersOf(table, content.Subject!) is var members && members.Count >= cap.Most
            ? InOrder(members).Take(TooMany(members.Count, cap)).Select(row => row.Id).ToList() : [], cancellationToken);
        await Task.Delay(1000, cancellationToken);
        foreach (var each in oldest)
            await DestroyAsync(each, cancellationToken);

        return await CreateAsync(id, content, cancellationToken);
    }
}

[CaughtBy("Cap.Sessions_are_admitted_while_there_is_room", "Cap.The_sessions_that_joined_first_end_as_many_as_needed")]
public sealed class AdmitsOneLess(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Write(ReferenceTable table, ReferenceRow? row, SessionContent content, SessionCap cap, Func<SessionWriteResult> write) =>
        base.Write(table, row, content, cap.EndsOldest ? SessionCap.EndOldest(cap.Most - 1) : SessionCap.Refuse(cap.Most - 1), write);
}

[CaughtBy("Cap.A_session_over_the_cap_is_refused_and_nothing_is_written")]
public sealed class WritesAndSaysFull(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Refused(ReferenceTable table, SessionContent content, Func<SessionWriteResult> write)
    {
        write();
        return SessionWriteResult.NotWritten(SessionWriteStatus.Full);
    }
}

[CaughtBy("Cap.A_session_over_the_cap_is_refused_and_nothing_is_written")]
public sealed class LimitsOnlyNewSessions(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsMember(ReferenceRow? row, SessionContent content) => row is not null;
}

[CaughtBy("Cap.The_sessions_that_joined_first_end_as_many_as_needed")]
public sealed class EndsOneOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override int TooMany(int members, SessionCap cap) => 1;
}

[CaughtBy("Cap.The_sessions_that_joined_first_end_as_many_as_needed")]
public sealed class EndsThoseThatExpireFirst(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IEnumerable<ReferenceRow> InOrder(List<ReferenceRow> members) => members.OrderBy(row => row.ExpiresAt);
}

[CaughtBy("Cap.A_session_that_is_the_subjects_keeps_its_place")]
public sealed class CountsASessionAgainstItself(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsMember(ReferenceRow? row, SessionContent content) => false;
}

[CaughtBy("Cap.Rotations_changes_and_touches_do_not_make_a_session_newer")]
public sealed class JoinsAnewByARotation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset JoinedAfterRotation(ReferenceRow old, ReferenceRow rotated) => rotated.JoinedAt;
}

[CaughtBy("Cap.Rotations_changes_and_touches_do_not_make_a_session_newer")]
public sealed class JoinsAnewByEachWrite(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool KeepsItsPlace(ReferenceRow old, SessionContent content) => false;
}

[CaughtBy("Cap.A_session_joins_when_it_gets_its_subject")]
public sealed class JoinsWhenItIsCreated(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool KeepsItsPlace(ReferenceRow old, SessionContent content) => true;
}

[CaughtBy("Cap.Sessions_that_have_ended_do_not_count")]
public sealed class CountsTheExpiredToo(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override List<ReferenceRow> MembersOf(ReferenceTable table, string subject) => [.. KeysOf(table, subject).Select(key => table.Rows[key])];
}

[CaughtBy("Cap.Gone_conflict_and_taken_come_before_full_and_end_nothing")]
public sealed class LooksAtTheCapFirst(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content, SessionCap cap) =>
        Write(table, null, content, cap, () => Create(table, id, content));
}

[CaughtBy("Cap.Another_store_on_the_same_data_counts_the_same_sessions", "Cap.Of_many_log_ins_at_once_no_more_than_the_cap_are_admitted")]
public sealed class LimitsWhatItWroteItself(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    protected override List<ReferenceRow> MembersOf(ReferenceTable table, string subject) => [.. base.MembersOf(table, subject).Where(row => IsOwn(Key(row.Id)))];
}

[CaughtBy("Cap.The_order_of_joining_is_that_of_the_clock_of_the_server")]
public sealed class JoinsByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset JoinNow => NodeNow;
}

[CaughtBy("Cap.A_cap_needs_a_subject_and_a_limit")]
public sealed class TakesAnyCap(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckCap(SessionContent content, SessionCap cap)
    {
    }

    protected override SessionWriteResult Write(ReferenceTable table, ReferenceRow? row, SessionContent content, SessionCap cap, Func<SessionWriteResult> write) => write();
}

[CaughtBy("Cap.A_cancelled_log_in_throws_and_ends_nothing")]
public sealed class EndsTheOldestBeforeItLooksAtTheToken(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        CheckCap(content, cap);
        await SendAsync("Create", true, table => Write(table, null, content, cap, () => SessionWriteResult.NotWritten(SessionWriteStatus.Full)), CancellationToken.None);
        return await base.CreateAsync(id, content, cap, cancellationToken);
    }
}

[CaughtBy("Cap.Nothing_is_left_of_log_ins_when_their_sessions_were_destroyed")]
public sealed class LeavesAPlaceOfTheRefused(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Refused(ReferenceTable table, SessionContent content, Func<SessionWriteResult> write)
    {
        table.Index("places of " + content.Subject, content.Subject!);
        return base.Refused(table, content, write);
    }
}

[CaughtBy("Capability.Caps_are_declared_if_the_store_has_them")]
public sealed class HidesItsCaps(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings), ISessionStore
{
    TCapability? ISessionStore.GetCapability<TCapability>()
        where TCapability : class => typeof(TCapability) == typeof(ISessionCaps) ? null : this as TCapability;
}
