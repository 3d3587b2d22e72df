using System.CommandLine;

namespace SessionStores.Tool;

/// <summary><c>sessionstores count</c>: how many sessions are live.</summary>
internal sealed class CountCommand : StoreCommand
{
    private readonly Option<string?> _subject = SubjectOption();

    public CountCommand()
        : base("count", "Counts the live sessions, of all or of a subject.") => Options.Add(_subject);

    protected override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var store = OpenExisting(arguments);
        var subject = arguments.GetValue(_subject);
        var count = subject is null
            ? await terminal.ShowProgressAsync("Counting", async _ => await store.Capability<ISessionEnumeration>().LengthAsync(cancellationToken))
            : await store.Capability<ISessionSubjects>().CountBySubjectAsync(SubjectOf(subject), cancellationToken);

        terminal.Result($"{count:N0}", new { count });
        return ExitCode.Success;
    }
}
