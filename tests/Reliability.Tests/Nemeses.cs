using SessionStores.Backends;
using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>The faults, for each server.</summary>
internal static partial class Nemeses
{
    /// <summary>The limit of a call of a store: what hangs fails soon.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>A rotation that is not one step at the server has moments that no order of calls explains.</summary>
    private static readonly OperationKind[] NotInOneStep = [OperationKind.Rotate];

    public static IReadOnlyList<Nemesis> All => [.. OfRedis, .. OfPostgres, .. OfMongo];

    /// <summary>Nothing fails: only the clocks of the nodes differ, as under every other fault.</summary>
    private static Task DoNothingAsync(Target target, Load load, int strike) => Task.CompletedTask;

    /// <summary>Killed with SIGKILL, and started again after calls have failed.</summary>
    private static async Task KillAndRestartAsync(Target target, Load load, int strike)
    {
        await target.Backend.KillAsync();
        await load.FailuresAsync(2);
        await target.Backend.RestartAsync();
    }

    /// <summary>Stopped (SIGSTOP) until calls have failed by their limit; what was on its way arrives later.</summary>
    private static async Task FreezeAsync(Target target, Load load, int strike)
    {
        await target.Backend.PauseAsync();
        await load.FailuresAsync(2);
        await target.Backend.ResumeAsync();
    }

    /// <summary>The network drops replies, passes requests in part, delays them beyond their limit, and cuts connections.</summary>
    private static async Task BreakNetworkAsync(Target target, Load load, int strike)
    {
        var network = target.Network!;
        Action[] breaks = [network.DropBeforeReply, network.Halve, network.Hang, network.Refuse];
        breaks[strike % breaks.Length]();
        await load.FailuresAsync(2);
        network.PassThrough();
    }

    /// <summary>The network between a primary and its replica hangs until more was acknowledged, or is no longer; then the primary is killed and
    /// the replica promoted.</summary>
    private static async Task FailOverAsync(Target target, Load load, ServerHandle primary, Func<Task> promote)
    {
        target.Network!.Hang();
        await load.WritesOrFailuresAsync(writes: 50, failures: 2);
        await primary.KillAsync();
        await promote();
    }
}
