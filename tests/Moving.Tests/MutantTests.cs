namespace SessionStores.Moving.Tests;

/// <summary>The scenarios are only worth something if they find broken movers: each mutant is caught by the scenario that is meant to catch it.</summary>
public sealed class MutantTests
{
    private delegate Task<string?> Scenario(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead);

    private static readonly Dictionary<string, (Scenario CaughtBy, Func<ISessionStore, ISessionStore, MovingReport, Lead> Lead)> Mutants = new()
    {
        ["reads the old side first"] = (Scenarios.NodeDiesAsync, (old, current, report) => new OldSideFirst(Sides.StepsOf(old, current, report))),
        ["removes before it copies"] = (Scenarios.NodeDiesAsync, Steps((old, current, report) => new RemovesFirst(old, current, report))),
        ["ends a session on the new side only"] = (Scenarios.SessionEndsWhileHeldAsync, Steps((old, current, report) => new EndsOnTheNewSide(old, current, report))),
        ["ends a session on the old side only"] = (Scenarios.SessionEndsWhileHeldAsync, Steps((old, current, report) => new EndsOnTheOldSide(old, current, report))),
        ["ends a session without its reservation"] = (Scenarios.SessionEndsWhileHeldAsync, Steps((old, current, report) => new EndsWithoutTheReservation(old, current, report))),
        ["destroys what a former id became on the old side"] = (Scenarios.SessionEndsByFormerIdWhileHeldAsync, Steps((old, current, report) => new DestroysOnTheOldSide(old, current, report))),
        ["destroys what has come to the old side"] = (Scenarios.SessionComesWhileDestroyIsHeldAsync, Steps((old, current, report) => new DestroysOnTheOldSide(old, current, report))),
        ["copies without a reservation"] = (Scenarios.SessionEndsWhileHeldAsync, Steps((old, current, report) => new CopiesWithoutReservation(old, current, report))),
        ["marks whatever is there"] = (Scenarios.SessionChangesWhileHeldAsync, Steps((old, current, report) => new MarksWhateverIsThere(old, current, report))),
        ["counts the new side only"] = (CapabilityScenarios.LogInsAsync, (old, current, report) => new CountsTheNewSide(Sides.StepsOf(old, current, report))),
        ["finds rotations of the new side only"] = (CapabilityScenarios.RotatedAsync, (old, current, report) => new FindsOnTheNewSide(Sides.StepsOf(old, current, report))),
        ["hands out what has moved"] = (CapabilityScenarios.ExpiresAsync, Expirations((old, current) => new HandsOutEverything(old, current))),
        ["drops what was moving"] = (CapabilityScenarios.ExpiresAsync, Expirations((old, current) => new DropsWhatWasMoving(old, current))),
        ["voids on the new side only"] = (SubjectScenarios.VoidsAsync, Steps((old, current, report) => new Voids(old, current, report, "moving", "new"))),
        ["voids on the old side only"] = (SubjectScenarios.DiesWhileItVoidsAsync, Steps((old, current, report) => new Voids(old, current, report, "old", "moving"))),
        ["voids on the new side first"] = (SubjectScenarios.VoidsAsync, Steps((old, current, report) => new Voids(old, current, report, "moving", "new", "old"))),
        ["voids what is on its way last"] = (SubjectScenarios.VoidsAsync, Steps((old, current, report) => new Voids(old, current, report, "old", "new", "moving"))),
        ["voids what is on its way first"] = (SubjectScenarios.VoidsAsync, Steps((old, current, report) => new Voids(old, current, report, "moving", "old", "new"))),
        ["voids nothing that is on its way"] = (SubjectScenarios.VoidsAsync, Steps((old, current, report) => new Voids(old, current, report, "old", "new"))),
        ["destroys no session that is rotated on the old side"] = (SubjectScenarios.DestroysAsync, (old, current, report) => new MovesWhatIsListed(Sides.StepsOf(old, current, report))),
        ["marks nothing"] = (Scenarios.SessionChangesWhileHeldAsync, Steps((old, current, report) => new MarksNothing(old, current, report))),
    };

    public static TheoryData<string> Names => [.. Mutants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_mutant_is_caught_by_the_scenario_meant_to_catch_it(string name)
    {
        var (caughtBy, lead) = Mutants[name];

        Assert.NotNull(await caughtBy(lead));
    }

    private static Func<ISessionStore, ISessionStore, MovingReport, Lead> Steps(Func<ISessionStore, ISessionStore, MovingReport, MovingSteps> steps) =>
        (old, current, report) => new NewSideLeads(steps(old, current, report));

    private static Func<ISessionStore, ISessionStore, MovingReport, Lead> Expirations(Func<ISessionStore, ISessionStore, Expirations> expirations) =>
        (old, current, report) => new NewSideLeads(Sides.StepsOf(old, current, report)) { Expirations = expirations(old, current) };

    private class Mutant(ISessionStore old, ISessionStore current, MovingReport report) : MovingSteps(old, current, report);

    private sealed class OldSideFirst(MovingSteps steps) : NewSideLeads(steps)
    {
        public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken) =>
            await From.GetAsync(id, slide, cancellationToken) is { } found
                ? new SessionRecord(id, MovingRecord.Unmark(found), found.ExpiresAt, found.Remaining, found.Subject, found.Version)
                : await base.GetAsync(id, slide, cancellationToken);
    }

    private sealed class RemovesFirst(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        protected override async ValueTask<SessionWriteResult> ArriveAsync(SessionRecord reservation, string id, SessionContent content)
        {
            await From.DestroyAsync(id);
            return await base.ArriveAsync(reservation, id, content);
        }
    }

    private sealed class EndsOnTheNewSide(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        public override ValueTask<bool> EndAsync(string id, CancellationToken cancellationToken) => To.DestroyAsync(id, cancellationToken);
    }

    private sealed class EndsOnTheOldSide(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        public override ValueTask<bool> EndAsync(string id, CancellationToken cancellationToken) => From.DestroyAsync(id, cancellationToken);
    }

    private sealed class EndsWithoutTheReservation(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        public override async ValueTask<bool> EndAsync(string id, CancellationToken cancellationToken) =>
            await From.DestroyAsync(id, cancellationToken) | await To.DestroyAsync(id, cancellationToken);
    }

    private sealed class DestroysOnTheOldSide(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        public override async ValueTask<bool> EndAsync(string id, CancellationToken cancellationToken) =>
            (await From.GetAsync(id, null, cancellationToken) is null && await From.DestroyAsync(id, cancellationToken)) || await base.EndAsync(id, cancellationToken);
    }

    private sealed class CopiesWithoutReservation(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        protected override ValueTask<SessionWriteResult> ArriveAsync(SessionRecord reservation, string id, SessionContent content) => To.CreateAsync(id, content);
    }

    private sealed class MarksWhateverIsThere(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        protected override ValueTask<SessionWriteResult> MarkAsync(SessionRecord found, SessionContent marked) => From.ReplaceAsync(found.Id, SessionVersion.Any, marked);
    }

    private sealed class MarksNothing(ISessionStore old, ISessionStore current, MovingReport report) : Mutant(old, current, report)
    {
        protected override ValueTask<SessionWriteResult> MarkAsync(SessionRecord found, SessionContent marked) => new(SessionWriteResult.Written(found.Version));

        protected override ValueTask<SessionWriteResult> RemoveAsync(SessionRecord marked) => From.ReplaceAsync(marked.Id, SessionVersion.Any, MovingRecord.Ended);
    }

    private sealed class Voids(ISessionStore old, ISessionStore current, MovingReport report, params string[] order) : Mutant(old, current, report)
    {
        public override async ValueTask VoidAsync(string subject, CancellationToken cancellationToken)
        {
            foreach (var what in order)
                await Lead.CapabilityOf<ISessionEpochs>(what == "old" ? From : To).VoidBySubjectAsync(what == "moving" ? MovingRecord.ReservationSubjectOf(subject) : subject, cancellationToken);
        }
    }

    private sealed class MovesWhatIsListed(MovingSteps steps) : NewSideLeads(steps)
    {
        public override async ValueTask<long> DestroyByAsync(Finder by, string text, IReadOnlySet<string> kept, CancellationToken cancellationToken)
        {
            await foreach (var record in by.In(From).ListBySubjectAsync(text, cancellationToken: cancellationToken))
                await Steps.SettleAsync(record.Id, cancellationToken);

            return await by.In(To).DestroyBySubjectAsync(text, kept, cancellationToken);
        }
    }

    private sealed class CountsTheNewSide(MovingSteps steps) : NewSideLeads(steps)
    {
        protected override ValueTask GatherAsync(CappedWrite write, CancellationToken cancellationToken) => default;
    }

    private sealed class FindsOnTheNewSide(MovingSteps steps) : NewSideLeads(steps)
    {
        public override ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken) =>
            CapabilityOf<ISessionSuccessors>(To).FindSuccessorAsync(id, cancellationToken);
    }

    private sealed class HandsOutEverything(ISessionStore old, ISessionStore current) : Expirations(old, current)
    {
        protected override ValueTask<bool> HasExpiredOnOldSideAsync(SessionRecord record, CancellationToken cancellationToken) => new(true);
    }

    private sealed class DropsWhatWasMoving(ISessionStore old, ISessionStore current) : Expirations(old, current)
    {
        protected override ValueTask<bool> HasExpiredOnOldSideAsync(SessionRecord record, CancellationToken cancellationToken) => new(!MovingRecord.IsMarked(record));
    }
}
