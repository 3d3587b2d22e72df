using System.CommandLine;
using Spectre.Console;

namespace SessionStores.Tool;

/// <summary><c>sessionstores show</c>: one session.</summary>
internal sealed class ShowCommand : StoreCommand
{
    private readonly Argument<string> _handle = new("handle") { Description = "The handle of the session, as list prints it." };
    private readonly Option<string?> _subject = new("--subject") { Description = "The subject of the session. All sessions are read when left out." };
    private readonly Option<bool> _values = new("--values") { Description = "Prints the values too. They may hold personal data and secrets." };

    public ShowCommand()
        : base("show", "Shows a session by its handle: its members with their kinds and sizes, and their values only when asked to.")
    {
        Arguments.Add(_handle);
        Options.Add(_subject);
        Options.Add(_values);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var store = OpenExisting(arguments);
        var handle = Handle.Parse(arguments.GetValue(_handle)!);
        var subject = arguments.GetValue(_subject);
        var sawProtected = false;
        var record = await terminal.ShowProgressAsync("Looking for the session", async _ =>
            await SessionsOf(store, subject, cancellationToken).FirstOrDefaultAsync(Matches, cancellationToken));
        if (sawProtected)
            await terminal.Error.WriteLineAsync(SessionView.ProtectedNote);
        if (record is null)
        {
            await terminal.Error.WriteLineAsync($"There is no session with the handle {handle}{(subject is null ? "" : $" and the subject '{subject}'")}. It may have ended, expired or been rotated.");
            return ExitCode.Failure;
        }

        var session = SessionView.Of(record);
        var members = MemberView.Of(record.Payload, arguments.GetValue(_values));
        if (terminal.IsJson)
            terminal.Json(new { session, members });
        else
            Print(terminal, session, members);

        return ExitCode.Success;

        bool Matches(SessionRecord each)
        {
            sawProtected |= SessionView.IsSealed(each);
            return Handle.Of(each.Id) == handle;
        }
    }

    private static void Print(Terminal terminal, SessionView session, IReadOnlyList<MemberView> members)
    {
        terminal.Output.WriteLine($"handle   {session.Handle}");
        terminal.Output.WriteLine($"subject  {session.Subject ?? "none"}");
        terminal.Output.WriteLine($"expires  {session.Expiry}");
        terminal.Output.WriteLine($"payload  {session.PayloadBytes:N0} bytes");

        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumn("member").AddColumn("kind").AddColumn(new TableColumn("characters").RightAligned()).AddColumn("value");
        foreach (var member in members)
            table.AddRow(member.Name.EscapeMarkup(), member.Kind, $"{member.Characters:N0}", member.Value is { } value ? value.GetRawText().EscapeMarkup() : "hidden (--values)");

        terminal.Console.Write(table);
    }
}
