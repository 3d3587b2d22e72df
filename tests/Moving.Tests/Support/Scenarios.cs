namespace SessionStores.Moving.Tests;

/// <summary>What may happen to a node in the middle of a call, at each of its steps in turn. Each scenario returns the first thing that is wrong, or null.</summary>
internal static class Scenarios
{
    private const int MostSteps = 60;

    /// <summary>Nodes of both stages run beside each other, so that either may be held.</summary>
    private static readonly bool[] Stages = [false, true];

    private delegate Task<string?> Check(Sides sides);

    /// <summary>A node dies before or after each of its steps; another node then finds the session whole, once, and as it was or as it was to be.</summary>
    public static async Task<string?> NodeDiesAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        foreach (var operation in Operation.All)
        {
            foreach (var after in new[] { false, true })
            {
                for (var step = 1; step < MostSteps; step++)
                {
                    var sides = await Sides.StartAsync(lead);
                    var steps = new Steps { DiesBefore = after ? 0 : step, DiesAfter = after ? step : 0 };
                    string death;
                    try
                    {
                        await operation.RunAsync(sides.Node(steps), sides);
                        break;
                    }
                    catch (NodeDiedException died)
                    {
                        death = died.Message;
                    }

                    if (await ProblemOfAsync(sides, operation) is { } problem)
                        return $"{operation}, {(after ? "after" : "before")} a step: {death} {problem}";
                }
            }
        }

        return null;
    }

    /// <summary>A node is held before each of its steps while another node uses and ends the session; when it continues, nothing comes back.</summary>
    public static async Task<string?> SessionEndsWhileHeldAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        (string Name, Func<MovingStore, Sides, Task> RunAsync)[] ends =
        [
            ("destroy", async (node, _) => await node.DestroyAsync(Sides.Id)),
            ("get and destroy", async (node, _) =>
            {
                await node.GetAsync(Sides.Id);
                await node.DestroyAsync(Sides.Id);
            }),
            ("destroy by subject", async (node, _) => await node.DestroyBySubjectAsync(Sides.Subject)),
            ("destroy by subject in the stage Prepare", async (_, sides) => await sides.PreparingNode().DestroyBySubjectAsync(Sides.Subject)),
            ("void by subject", async (node, _) => await node.VoidBySubjectAsync(Sides.Subject)),
            ("void by subject in the stage Prepare", async (_, sides) => await sides.PreparingNode().VoidBySubjectAsync(Sides.Subject)),
            ("rotate and destroy", async (node, _) =>
            {
                await node.RotateAsync(Sides.Id, "other", SessionVersion.Any, Sides.Content("theirs"));
                await node.DestroyAsync(Sides.Id);
            }),
            ("replace by what has expired", async (node, _) => await node.ReplaceAsync(Sides.Id, SessionVersion.Any, Sides.Content("theirs", TimeSpan.Zero))),
            ("expire", async (node, sides) =>
            {
                await node.ReplaceAsync(Sides.Id, SessionVersion.Any, Sides.Content("theirs", TimeSpan.FromMinutes(1)));
                sides.Clock.Advance(TimeSpan.FromMinutes(2));
            }),
            ("clear", async (node, _) => await node.ClearAsync()),
        ];

        foreach (var (isPreparing, operation) in Stages.SelectMany(_ => Operation.All.Where(operation => !operation.Creates), (isPreparing, operation) => (isPreparing, operation)))
        {
            foreach (var (name, endAsync) in ends)
            {
                var problem = await WhileHeldAsync(lead, isPreparing, operation, endAsync, async sides =>
                {
                    // A held call that writes without a version may have come after the end only where the session was still there.
                    for (var look = 0; look < 2; look++)
                    {
                        if (await sides.ListAsync() is { Count: > 0 } left)
                            return $"{name} ended the session, and then {left[0]} was there.";
                    }

                    return await sides.Node().GetAsync(Sides.Id) is null ? null : $"{name} ended the session, and then it was read.";
                });
                if (problem is not null)
                    return problem;
            }
        }

        return null;
    }

    /// <summary>A node that moves a session is held before each of its steps while another node ends the session by the id that it had before a rotation on the
    /// old side; when it continues, nothing comes back.</summary>
    public static async Task<string?> SessionEndsByFormerIdWhileHeldAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        var ended = false;
        var move = new Operation("move what was rotated", (node, _) => node.MoveAsync(Sides.NewId, CancellationToken.None).AsTask());
        foreach (var isPreparing in Stages)
        {
            for (var step = 1; step < MostSteps; step++)
            {
                var sides = await Sides.StartAsync(lead);
                await sides.Old.RotateAsync(Sides.Id, Sides.NewId, SessionVersion.Any, Sides.Content("two"));
                var steps = new Steps { HeldBefore = step };
                var call = move.RunAsync(sides.Node(steps), sides);
                if (await Task.WhenAny(call, steps.Reached) == call)
                {
                    await call;
                    break;
                }

                ended = await (isPreparing ? sides.PreparingNode() : sides.Node()).DestroyAsync(Sides.Id);
                steps.Release();
                await call;
                if (ended && await sides.ListAsync() is { Count: > 0 } left)
                    return $"held before step {step}, {steps.HeldAt}: the destroy by the former id returned true, and then {left[0]} was there.";
            }
        }

        return null;
    }

    /// <summary>A destroy is held before each of its steps while a node that knows only the old side creates the session, and a third one is at each step of its
    /// move; when the destroy has returned true, nothing is there.</summary>
    public static async Task<string?> SessionComesWhileDestroyIsHeldAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        for (var step = 1; step < MostSteps; step++)
        {
            for (var stepOfMove = 1; stepOfMove < MostSteps; stepOfMove++)
            {
                var sides = new Sides(lead);
                var (steps, stepsOfMove) = (new Steps { HeldBefore = step }, new Steps { HeldBefore = stepOfMove });
                var destroy = sides.Node(steps).DestroyAsync(Sides.Id).AsTask();
                if (await Task.WhenAny(destroy, steps.Reached) == destroy)
                    return await destroy ? "There was no session, and the destroy returned true." : null;

                await sides.Old.CreateAsync(Sides.Id, Sides.Content());
                var move = sides.Node(stepsOfMove).MoveAsync(Sides.Id, CancellationToken.None).AsTask();
                var isOver = await Task.WhenAny(move, stepsOfMove.Reached) == move;
                steps.Release();
                var ended = await destroy;
                stepsOfMove.Release();
                await move;
                if (ended && await sides.ListAsync() is { Count: > 0 } left)
                    return $"held before step {step}, {steps.HeldAt}, and the move before {stepsOfMove.HeldAt}: the destroy returned true, and then {left[0]} was there.";

                if (isOver)
                    break;
            }
        }

        return $"A destroy takes more than {MostSteps} steps.";
    }

    /// <summary>A node is held before each of its steps while another node changes the session; the change stays, unless the held call overwrites it on
    /// purpose.</summary>
    public static async Task<string?> SessionChangesWhileHeldAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        foreach (var (held, other) in Stages.SelectMany(_ => Stages, (held, other) => (held, other)))
        {
            foreach (var operation in Operation.All.Where(operation => operation.Name is "get" or "slide" or "touch" or "replace" or "list" or "move"))
            {
                var changed = SessionWriteStatus.Gone;
                var problem = await WhileHeldAsync(
                    lead,
                    held,
                    operation,
                    async (node, sides) => changed = (await (other ? sides.PreparingNode() : node).ReplaceAsync(Sides.Id, sides.Loaded, Sides.Content("theirs"))).Status,
                    async sides =>
                    {
                        var expected = changed == SessionWriteStatus.Written ? "theirs" : operation.Name == "replace" ? "mine" : null;
                        var left = await sides.ListAsync();
                        return left.Count == 1 && left[0].Id == Sides.Id && (expected is null || left[0].Mark == expected)
                            ? null
                            : $"The change by {(other ? "a node in the stage Prepare" : "another node")} returned {changed}, and then {string.Join(", ", left)} was there.";
                    });
                if (problem is not null)
                    return problem;
            }
        }

        return null;
    }

    /// <summary>A node is held before each of its steps while another node rotates the session; it is there once, under its new id.</summary>
    public static async Task<string?> SessionIsRotatedWhileHeldAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        foreach (var (isPreparing, operation) in Stages.SelectMany(
            _ => Operation.All.Where(operation => operation.Name is "get" or "slide" or "touch" or "replace" or "replace any" or "list" or "move"), (isPreparing, operation) => (isPreparing, operation)))
        {
            var rotated = SessionWriteStatus.Gone;
            var problem = await WhileHeldAsync(
                lead,
                isPreparing,
                operation,
                async (node, _) => rotated = (await node.RotateAsync(Sides.Id, Sides.NewId, SessionVersion.Any, Sides.Content("theirs"))).Status,
                async sides =>
                {
                    if (rotated != SessionWriteStatus.Written || await sides.ListAsync() is not [(Sides.NewId, "theirs")])
                        return $"The rotation returned {rotated}, and then {string.Join(", ", await sides.ListAsync())} was there.";

                    // By the old id, which the session had a moment ago.
                    await sides.Node().DestroyAsync(Sides.Id);
                    return await sides.ListAsync() is [] ? null : "A log-out under the old id did not end the rotated session.";
                });
            if (problem is not null)
                return problem;
        }

        return null;
    }

    private static async Task<string?> WhileHeldAsync(
        Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead, bool isPreparing, Operation operation, Func<MovingStore, Sides, Task> others, Check check)
    {
        for (var step = 1; step < MostSteps; step++)
        {
            var sides = await Sides.StartAsync(lead);
            var steps = new Steps { HeldBefore = step };
            var call = operation.RunAsync(isPreparing ? sides.PreparingNode(steps) : sides.Node(steps), sides);
            if (await Task.WhenAny(call, steps.Reached) == call)
            {
                await call;
                return null;
            }

            await others(sides.Node(), sides);
            steps.Release();
            await call;
            if (await check(sides) is { } problem)
                return $"{operation}, {(isPreparing ? "in the stage Prepare, " : "")}held before step {step}, {steps.HeldAt}: {problem}";
        }

        return $"{operation} takes more than {MostSteps} steps.";
    }

    private static async Task<string?> ProblemOfAsync(Sides sides, Operation operation)
    {
        (string Id, string Mark)? found = null;
        if (await sides.Node().GetAsync(Sides.Id) is { } record)
        {
            found = (Sides.Id, Sides.MarkOf(record)!);
            if (record.Subject != Sides.Subject || (record.Remaining != Sides.Life && record.Remaining != TimeSpan.FromHours(2)))
                return $"The session has the subject {record.Subject ?? "none"} and {record.Remaining} to live.";

            var changed = await sides.Node().ReplaceAsync(Sides.Id, record.Version, Sides.Content("changed"));
            var read = Sides.MarkOf(await sides.Node().GetAsync(Sides.Id));
            if (changed.Status != SessionWriteStatus.Written || read != "changed")
                return $"A change of what was read returned {changed}, and then {read ?? "nothing"} was read.";
        }

        var left = await sides.ListAsync();
        if (left.Count > 1)
            return $"There are two sessions: {string.Join(", ", left)}.";

        if (found is not null && left is not [(Sides.Id, "changed")])
            return $"The session was read and changed, and then {string.Join(", ", left)} was listed.";

        if (found is null && left.Count == 1)
            found = (left[0].Id, left[0].Mark!);

        if (!operation.Allowed.Contains(found))
            return $"The session is {found?.ToString() ?? "lost"}.";

        return await sides.Old.AllAsync().AnyAsync() ? "After it was listed, it was still on the old side." : null;
    }
}
