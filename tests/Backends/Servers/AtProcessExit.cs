using System.Collections.Concurrent;

namespace SessionStores.Backends;

/// <summary>Ends servers and removes folders when the process ends without having disposed them.</summary>
internal static class AtProcessExit
{
    private static readonly ConcurrentDictionary<object, Action> Actions = new(ReferenceEqualityComparer.Instance);

    static AtProcessExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        // Servers first, their folders after.
        foreach (var (_, action) in Actions.OrderBy(pair => pair.Key is TemporaryFolder))
            action();
    };

    public static void Register(object owner, Action action) => Actions[owner] = action;

    public static void Forget(object owner) => Actions.TryRemove(owner, out _);
}
