using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>What clients call: a store, or a site over HTTP. Each node has a connection and a clock of its own.</summary>
internal interface INode : IAsyncDisposable
{
    /// <summary>The kinds of calls, each as often as it is to be drawn.</summary>
    IReadOnlyList<OperationKind> Kinds { get; }

    /// <summary>Whether it is a site: it creates the ids itself, and its changes name no version and no expiry.</summary>
    bool IsSite { get; }

    /// <summary>Makes a call.</summary>
    /// <returns>The call with its result, which is null when it may have taken effect or not; null when it surely had no effect.</returns>
    Task<HistoryOperation?> CallAsync(Group group, HistoryOperation operation);

    /// <summary>Whether a session can be read and another one be changed now.</summary>
    Task<bool> WorksAsync(Group group, string id);
}
