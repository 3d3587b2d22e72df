using System.CommandLine;
using Spectre.Console;

namespace SessionStores.Tool;

/// <summary><c>sessionstores list</c>: the live sessions, by handle.</summary>
internal sealed class ListCommand : StoreCommand
{
    private const int MostSessions = 1_000_000;
    private readonly Option<string?> _subject = SubjectOption();
    private readonly Option<int> _limit = new("--limit") { Description = "The most sessions to print; reading ends there.", DefaultValueFactory = _ => 100 };

    public ListCommand()
        : base("list", "Lists the live sessions, of all or of a subject, by handle. Ids are secrets and are not printed.")
    {
        Options.Add(_subject);
        Options.Add(_limit);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var store = OpenExisting(arguments);
        var limit = arguments.GetValue(_limit);
        if (limit is < 1 or > MostSessions)
            throw new UsageException($"--limit must be 1 to {MostSessions:N0}, but is {limit}.");

        var sessions = SessionsOf(store, arguments.GetValue(_subject), cancellationToken);
        var listed = await terminal.ShowProgressAsync("Reading", async show =>
        {
            var views = new List<SessionView>();
            await foreach (var record in sessions.Take(limit + 1).WithCancellation(cancellationToken))
            {
                views.Add(SessionView.Of(record));
                if (views.Count % 1000 == 0)
                    show(views.Count);
            }

            return views;
        });

        var more = listed.Count > limit;
        if (more)
            listed.RemoveAt(limit);

        if (terminal.IsJson)
            terminal.Json(new { sessions = listed, more });
        else
            Print(terminal, listed, more);
        if (listed.Exists(session => session.IsProtected))
            await terminal.Error.WriteLineAsync(SessionView.ProtectedNote);

        return ExitCode.Success;
    }

    private static void Print(Terminal terminal, List<SessionView> sessions, bool more)
    {
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumn("handle").AddColumn("subject").AddColumn("expires").AddColumn(new TableColumn("bytes").RightAligned());
        foreach (var session in sessions)
            table.AddRow(session.Handle, (session.Subject ?? "").EscapeMarkup(), session.Expiry, $"{session.PayloadBytes:N0}");

        if (sessions.Count > 0)
            terminal.Console.Write(table);

        terminal.Output.WriteLine(more ? $"{sessions.Count:N0} sessions. There are more: raise --limit, or name a --subject." : $"{sessions.Count:N0} sessions.");
    }
}
