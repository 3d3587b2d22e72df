namespace SessionStores.Moving.Tests;

/// <summary>Caps, successors and claims while sessions move. Each scenario returns the first thing that is wrong, or null.</summary>
internal static class CapabilityScenarios
{
    private const int MostSteps = 60;
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    /// <summary>A node that is held before each step of a log-in while another node logs the same user in: one session is on the old side, and there is room for one more.</summary>
    public static async Task<string?> LogInsAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        for (var step = 1; step < MostSteps; step++)
        {
            var sides = await Sides.StartAsync(lead);
            var steps = new Steps { HeldBefore = step };
            var call = sides.Node(steps).CreateAsync("first", Sides.Content("first"), SessionCap.Refuse(2)).AsTask();
            var isHeld = await Task.WhenAny(call, steps.Reached) != call;
            var other = await sides.Node().CreateAsync("second", Sides.Content("second"), SessionCap.Refuse(2));
            steps.Release();
            var statuses = new[] { (await call).Status, other.Status };
            if (!statuses.Contains(SessionWriteStatus.Written) || !statuses.Contains(SessionWriteStatus.Full))
                return $"Held before step {step}, {steps.HeldAt}: two log-ins with room for one returned {string.Join(" and ", statuses)}.";

            if (await sides.ListAsync() is { Count: not 2 } left)
                return $"Held before step {step}, {steps.HeldAt}: {left.Count} sessions were left of a cap of 2.";

            if (!isHeld)
                return null;
        }

        return $"A log-in takes more than {MostSteps} steps.";
    }

    /// <summary>A session that was rotated on either side is found by nodes of both stages, until its old id has a session of its own.</summary>
    public static async Task<string?> RotatedAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        foreach (var (rotates, finds) in new[] { (true, true), (true, false), (false, true), (false, false) })
        {
            var sides = await Sides.StartAsync(lead);
            MovingStore NodeOf(bool isPreparing) => isPreparing ? sides.PreparingNode() : sides.Node();
            await NodeOf(rotates).RotateAsync(Sides.Id, Sides.NewId, SessionVersion.Any, Sides.Content("theirs"));
            sides.Clock.Advance(TimeSpan.FromSeconds(3));
            var found = await NodeOf(finds).FindSuccessorAsync(Sides.Id);
            var who = $"rotated in the stage {(rotates ? "Prepare" : "Move")} and looked for in the stage {(finds ? "Prepare" : "Move")}";
            if (found is null || found.Session.Id != Sides.NewId || found.Age != TimeSpan.FromSeconds(3) || found.Rotations != 1)
                return $"{who}: {(found is null ? "nothing" : $"{found.Session.Id}, {found.Age}, {found.Rotations} rotations")} was found.";

            if ((await NodeOf(finds).ReplaceAsync(Sides.NewId, found.Session.Version, Sides.Content("changed"))).Status != SessionWriteStatus.Written)
                return $"{who}: the session could not be changed by the version that was found.";

            await NodeOf(rotates).CreateAsync(Sides.Id, Sides.Content("again"));
            await NodeOf(finds).GetAsync(Sides.Id);
            if (await NodeOf(finds).FindSuccessorAsync(Sides.Id) is not null)
                return $"{who}: a successor was found of an id that has a session of its own again.";
        }

        return null;
    }

    /// <summary>A node dies before or after each step of a move; then the session expires, and is claimed once.</summary>
    public static async Task<string?> ExpiresAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        foreach (var after in new[] { false, true })
        {
            for (var step = 1; step < MostSteps; step++)
            {
                var sides = await Sides.StartAsync(lead);
                await ClaimAllAsync(sides);
                var where = "A node that did not die";
                try
                {
                    await sides.Node(new Steps { DiesBefore = after ? 0 : step, DiesAfter = after ? step : 0 }).GetAsync(Sides.Id);
                }
                catch (NodeDiedException died)
                {
                    where = died.Message;
                }

                sides.Clock.Advance(Sides.Life + TimeSpan.FromMinutes(1));
                var claimed = await ClaimAllAsync(sides);
                if (claimed is not [{ Session: { Id: Sides.Id, Subject: Sides.Subject } session }] || !session.Payload.Span.SequenceEqual(Sides.Content().Payload.Span))
                    return $"{where}: {claimed.Count} expired sessions were claimed, not the one as it was.";

                await sides.Node().ConfirmExpiredAsync(claimed);
                sides.Clock.Advance(TimeSpan.FromDays(1));
                if (await ClaimAllAsync(sides) is { Count: > 0 } again)
                    return $"{where}: {again[0].Session.Id} was claimed a day later.";

                if (where == "A node that did not die")
                    break;
            }
        }

        return null;
    }

    private static async Task<List<ExpiredSession>> ClaimAllAsync(Sides sides)
    {
        var all = new List<ExpiredSession>();
        while (await sides.Node().ClaimExpiredAsync(10, Lease) is { Count: > 0 } claimed)
            all.AddRange(claimed);

        return all;
    }
}
