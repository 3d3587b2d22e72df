using System.Reflection;

namespace SessionStores.Conformance;

/// <summary>What a failed case says: the clause, what was expected and seen, what such stores often do, and how to see it again.</summary>
internal static class FailureText
{
    private static readonly string Contract = ContractAddress();

    /// <summary>What such stores often do, by the first clause of a case.</summary>
    private static readonly Dictionary<string, string> Hints = new()
    {
        ["L1"] = "compare with '>' where the contract has '>=', or with the clock of the node instead of that of the server",
        ["L2"] = "parse the payload and write it again, or cut the expiry to seconds",
        ["L3"] = "extend in a second round trip, or past originalMaxAge or __absolute of the record",
        ["L4"] = "read from a cache or a replica that a write has not reached",
        ["L5"] = "read first and insert then, or let an expired record hold its id",
        ["L6"] = "take a counter or a time stamp for the version, which another program does not change",
        ["L7"] = "insert what was not found (upsert), so that a log-out is undone",
        ["L8"] = "set the expiry instead of moving it forward, or create a record where there is none",
        ["L9"] = "forget the link from the old id of a rotation, or let a write that is on its way bring the session back",
        ["L10"] = "write the new id and delete the old one in two steps",
        ["L11"] = "refuse a lifetime that is over, instead of storing a session that has expired",
        ["L12"] = "read and write in two steps without a condition on the second",
        ["L13"] = "list expired records, or end the listing at a record that cannot be read",
        ["L14"] = "keep an index that writes of other programs and rotations do not reach",
        ["L15"] = "select expired records and delete them by id, without the condition in the delete",
        ["L16"] = "put an id into a command, a pattern or a path, or compare it without regard to case",
        ["L17"] = "truncate or change what is too large or no JSON object, instead of refusing it before any I/O",
        ["L18"] = "pass the token on to the driver in the middle of a write",
        ["L19"] = "let an exception of the driver through, or put an id or a connection string into a message",
        ["L20"] = "create a client for each call, dispose one that was handed in, or connect when the store is registered",
        ["L21"] = "log an id, a payload or a connection string, often as part of the driver's message",
        ["L22"] = "count the sessions in one step and write the new one in another, or order them by their expiry",
        ["L23"] = "take the epoch from the clock of the node, or ask for it in some calls and not in others",
        ["L24"] = "index the key apart from the subject, and move its entry in the step that writes",
    };

    public static string Of(Exception failure, ConformanceCase each, ulong seed)
    {
        var (lines, clause) = (Environment.NewLine, each.Clauses[0]);
        var often = failure switch
        {
            ConformanceException when failure.Message.EndsWith("a call hangs.", StringComparison.Ordinal) => "wait for a lock or a connection without a limit, or use a driver that tries again without an end",
            SessionStoreException { Fault: not SessionStoreFault.Unreadable } => "report a lock or a conflict at the server as a fault, instead of trying again",
            _ when each.Needs.HasFlag(StoreCapabilities.Expirations) => "name a claim by its session, let another call than its confirmation end it, or give each claim as many as are left",
            _ when each.Needs.HasFlag(StoreCapabilities.Successors) => "follow one link only, or count the age from the last rotation",
            _ => Hints.GetValueOrDefault(clause),
        };
        var hint = often is null ? "" : $"{lines}Stores that fail here often {often}.";
        return $"{string.Join(", ", each.Clauses)}: {Of(failure)}{hint}{lines}The clause: {Contract}#{clause.ToLowerInvariant()}{lines}Replay with SESSIONSTORES_SEED={seed}";
    }

    /// <summary>The message of the kit's own exception; of any other its type too, and what it came from.</summary>
    public static string Of(Exception failure)
    {
        var text = failure is ConformanceException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}";
        var cause = failure.GetBaseException();
        return cause == failure || text.Contains(cause.Message, StringComparison.Ordinal) ? text : $"{text} (from {cause.GetType().Name}: {cause.Message})";
    }

    /// <summary>The contract at the version of this package.</summary>
    private static string ContractAddress()
    {
        var assembly = typeof(FailureText).Assembly;
        var repository = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "RepositoryUrl")?.Value;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        return $"{repository}/blob/v{version}/docs/contract.md";
    }
}
