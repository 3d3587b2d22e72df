namespace SessionStores.Moving.Tests;

/// <summary>The end of all sessions of a subject while its session moves and is rotated. Each scenario returns the first thing that is wrong, or null.</summary>
internal static class SubjectScenarios
{
    private const int MostSteps = 60;

    /// <summary>What nodes of both stages do with a session that is there.</summary>
    private static readonly Operation[] Uses = [.. Operation.All.Where(operation => operation.Name is "get" or "touch" or "replace any" or "rotate" or "list" or "move")];

    /// <summary>A node that ends all sessions of the subject is held before each step while another one uses the session, and is itself held before each of its steps.</summary>
    public static Task<string?> DestroysAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead) => EndsAsync(
        lead, async node => await node.DestroyBySubjectAsync(Sides.Subject));

    /// <summary>As <see cref="DestroysAsync"/>, by an epoch.</summary>
    public static Task<string?> VoidsAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead) => EndsAsync(lead, async node => await node.VoidBySubjectAsync(Sides.Subject));

    /// <summary>A node dies before or after each step of an epoch, with a session on either side; the next epoch ends both, and a log-in after it lives.</summary>
    public static async Task<string?> DiesWhileItVoidsAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead)
    {
        foreach (var isPreparing in new[] { false, true })
        {
            for (var step = 1; step < MostSteps; step++)
            {
                foreach (var after in new[] { false, true })
                {
                    var sides = await Sides.StartAsync(lead);
                    await sides.Node().GetAsync(Sides.Id);
                    await sides.Old.CreateAsync("other", Sides.Content());
                    var steps = new Steps { DiesBefore = after ? 0 : step, DiesAfter = after ? step : 0 };
                    var where = "A node that did not die";
                    try
                    {
                        await (isPreparing ? sides.PreparingNode(steps) : sides.Node(steps)).VoidBySubjectAsync(Sides.Subject);
                    }
                    catch (NodeDiedException died)
                    {
                        where = died.Message;
                        await sides.Node().VoidBySubjectAsync(Sides.Subject);
                    }

                    sides.Clock.Advance(TimeSpan.FromMilliseconds(2));
                    if (await sides.ListAsync() is { Count: > 0 } left)
                        return $"{where}: after an epoch {left[0]} was there.";

                    await (isPreparing ? sides.PreparingNode() : sides.Node()).CreateAsync(Sides.Id, Sides.Content("later"));
                    if (Sides.MarkOf(await sides.Node().GetAsync(Sides.Id)) != "later" || await sides.ListAsync() is not [(Sides.Id, "later")])
                        return $"{where}: a later log-in did not live.";

                    if (where == "A node that did not die" && after)
                        step = MostSteps;
                }
            }
        }

        return null;
    }

    private static async Task<string?> EndsAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead, Func<MovingStore, Task> endAsync)
    {
        foreach (var use in Uses)
        {
            for (var stages = 0; stages < 4; stages++)
            {
                for (var step = 1; step < MostSteps; step++)
                {
                    var (problem, isOver) = await WithUserAtEachStepAsync(lead, endAsync, use, isEnderPreparing: stages % 2 == 1, isUserPreparing: stages > 1, step);
                    if (problem is not null)
                        return problem;

                    if (isOver)
                        break;
                }
            }
        }

        return null;
    }

    /// <summary>Holds the one that ends before a step, and the one that uses the session before each of its own; lets either continue first.</summary>
    private static async Task<(string? Problem, bool IsOver)> WithUserAtEachStepAsync(
        Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead, Func<MovingStore, Task> endAsync, Operation use, bool isEnderPreparing, bool isUserPreparing, int step)
    {
        for (var stepOfUse = 1; stepOfUse < MostSteps; stepOfUse++)
        {
            var isOver = true;
            foreach (var (isUseFirst, isUserReleasedFirst) in new[] { (false, false), (false, true), (true, false), (true, true) })
            {
                var sides = await Sides.StartAsync(lead);
                var (ender, user) = (new Steps { HeldBefore = step }, new Steps { HeldBefore = stepOfUse });
                MovingStore NodeOf(Steps steps, bool isPreparing) => isPreparing ? sides.PreparingNode(steps) : sides.Node(steps);
                Task StartEnd() => endAsync(NodeOf(ender, isEnderPreparing));
                Task StartUse() => use.RunAsync(NodeOf(user, isUserPreparing), sides);
                var first = isUseFirst ? StartUse() : StartEnd();
                await Task.WhenAny(first, isUseFirst ? user.Reached : ender.Reached);
                var second = isUseFirst ? StartEnd() : StartUse();
                await Task.WhenAny(second, isUseFirst ? ender.Reached : user.Reached);
                var (end, call) = isUseFirst ? (second, first) : (first, second);
                if (end.IsCompleted && ender.HeldAt is null)
                {
                    user.Release();
                    await call;
                    return (null, true);
                }

                isOver &= user.HeldAt is null;
                (isUserReleasedFirst ? user : ender).Release();
                await (isUserReleasedFirst ? call : end);
                (isUserReleasedFirst ? ender : user).Release();
                await Task.WhenAll(end, call);
                if (await sides.ListAsync() is { Count: > 0 } left)
                {
                    return ($"{use}{(isUserPreparing ? " in the stage Prepare" : "")}, {(isUseFirst ? "which began first" : "which began second")}, held before {user.HeldAt ?? "nothing"}, {(isUserReleasedFirst ? "and released first" : "and released last")}; "
                        + $"the end{(isEnderPreparing ? " in the stage Prepare" : "")} held before step {step}, {ender.HeldAt}: {left[0]} was there.", false);
                }
            }

            if (isOver)
                break;
        }

        return (null, false);
    }
}
