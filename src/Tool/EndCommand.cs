using System.CommandLine;
using System.Text.Json;

namespace SessionStores.Tool;

/// <summary><c>sessionstores end</c>: ends the sessions of a subject.</summary>
internal sealed class EndCommand : StoreCommand
{
    private readonly Option<string> _subject = new("--subject") { Description = "The subject, which is usually the id of a user.", Required = true };
    private readonly Option<string[]> _handle = new("--handle") { Description = "Only the session with this handle, and the sign-in or session of the same browser; may be given several times. All of the subject when left out." };
    private readonly Option<string[]> _except = new("--except") { Description = "Not the session with this handle, nor the sign-in or session of the same browser; may be given several times." };
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
        var named = handles.Count > 0 || kept.Count > 0;
        var records = new List<(string Id, string Handle, string? Device)>();
        await foreach (var record in store.Capability<ISessionSubjects>().ListBySubjectAsync(SubjectOf(subject), withPayloads: named, cancellationToken))
            records.Add((record.Id, Handle.Of(record.Id), named ? DeviceOf(record) : null));

        List<string> missing = [.. handles.Concat(kept).Except(records.Select(record => record.Handle))];
        if (missing.Count > 0)
        {
            // A log-out of all but some would end the one that was mistyped too.
            await terminal.Error.WriteLineAsync($"'{subject}' has no session with the handle {string.Join(", ", missing)}. Nothing was changed. The command list --subject prints the handles.");
            return ExitCode.Failure;
        }

        var ids = IdsOf(records, handles.Count > 0 ? handles : kept);
        var count = handles.Count > 0 ? ids.Count : records.Count - ids.Count;
        if (count > 0 && !await terminal.ConfirmAsync($"End {count:N0} of {records.Count:N0} sessions of '{subject}' in {store.Description}?", arguments.GetValue(_yes), cancellationToken))
            return ExitCode.Failure;

        var ended = handles.Count > 0
            ? await EndAsync(store.Store, ids, cancellationToken)
            : await store.Capability<ISessionSubjects>().DestroyBySubjectAsync(SubjectOf(subject), ids, cancellationToken);
        terminal.Result($"Ended {ended:N0} sessions of '{subject}'.", new { subject, ended });
        return ExitCode.Success;
    }

    /// <summary>Returns the ids of the named records and of those of the same browsers: who is to be logged out has a session and a sign-in.</summary>
    private static List<string> IdsOf(List<(string Id, string Handle, string? Device)> records, List<string> handles)
    {
        var devices = records.Where(record => handles.Contains(record.Handle)).Select(record => record.Device).OfType<string>().ToHashSet();
        return [.. records.Where(record => handles.Contains(record.Handle) || (record.Device is { } device && devices.Contains(device))).Select(record => record.Id)];
    }

    private static string? DeviceOf(SessionRecord record)
    {
        using var payload = JsonDocument.Parse(record.Payload, new JsonDocumentOptions { MaxDepth = SessionArguments.MaxPayloadDepth + 1 });
        return payload.RootElement.TryGetProperty(ReservedMembers.Device, out var device) && device.ValueKind == JsonValueKind.String ? device.GetString() : null;
    }

    private static async Task<long> EndAsync(ISessionStore store, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var ended = 0L;
        foreach (var id in ids)
            ended += await store.DestroyAsync(id, cancellationToken) ? 1 : 0;

        return ended;
    }
}
