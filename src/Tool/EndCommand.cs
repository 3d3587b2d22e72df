using System.CommandLine;

namespace SessionStores.Tool;

/// <summary><c>sessionstores end</c>: ends the sessions of a subject.</summary>
internal sealed class EndCommand : StoreCommand
{
    private readonly Option<string> _subject = new("--subject") { Description = "The subject, which is usually the id of a user.", Required = true };
    private readonly Option<string[]> _handle = new("--handle") { Description = "Only the session with this handle; may be given several times. All of the subject when left out." };
    private readonly Option<string[]> _except = new("--except") { Description = "Not the session with this handle; may be given several times." };
    private readonly Option<bool> _yes = YesOption();

    public EndCommand()
        : base("end", "Ends the sessions of a subject: all, all but some, or some. Whoever has them has to sign in again.")
    {
        Options.Add(_subject);
        Options.Add(_handle);
        Options.Add(_except);
        Options.Add(_yes);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var subject = arguments.GetValue(_subject)!;
        List<string> handles = [.. (arguments.GetValue(_handle) ?? []).Select(Handle.Parse).Distinct()];
        List<string> kept = [.. (arguments.GetValue(_except) ?? []).Select(Handle.Parse).Distinct()];
        if (handles.Count > 0 && kept.Count > 0)
            throw new UsageException("--handle and --except exclude each other: name the sessions to end, or those to keep.");

        await using var store = OpenExisting(arguments);
        var idsByHandle = new Dictionary<string, string>();
        var sessions = store.Capability<ISessionSubjects>().ListBySubjectAsync(SubjectOf(subject), withPayloads: false, cancellationToken);
        await foreach (var record in sessions)
            idsByHandle[Handle.Of(record.Id)] = record.Id;

        List<string> missing = [.. handles.Concat(kept).Where(handle => !idsByHandle.ContainsKey(handle))];
        if (missing.Count > 0)
        {
            // A log-out of all but some would end the one that was mistyped too.
            await terminal.Error.WriteLineAsync($"'{subject}' has no session with the handle {string.Join(", ", missing)}. Nothing was changed. The command list --subject prints the handles.");
            return ExitCode.Failure;
        }

        var count = handles.Count > 0 ? handles.Count : idsByHandle.Count - kept.Count;
        if (count > 0 && !await terminal.ConfirmAsync($"End {count:N0} of {idsByHandle.Count:N0} sessions of '{subject}' in {store.Description}?", arguments.GetValue(_yes), cancellationToken))
            return ExitCode.Failure;

        var ended = handles.Count > 0
            ? await EndAsync(store.Store, handles.Select(handle => idsByHandle[handle]), cancellationToken)
            : await store.Capability<ISessionSubjects>().DestroyBySubjectAsync(SubjectOf(subject), [.. kept.Select(handle => idsByHandle[handle])], cancellationToken);
        terminal.Result($"Ended {ended:N0} sessions of '{subject}'.", new { subject, ended });
        return ExitCode.Success;
    }

    private static async Task<long> EndAsync(ISessionStore store, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var ended = 0L;
        foreach (var id in ids)
            ended += await store.DestroyAsync(id, cancellationToken) ? 1 : 0;

        return ended;
    }
}
