using System.Diagnostics;
using System.Globalization;
using SessionStores.Moving;
using Spectre.Console;

namespace SessionStores.Tool;

/// <summary>What <c>sessionstores move</c> prints: progress, what was done and what is left; or JSON and nothing else.</summary>
internal sealed class MoveOutput(Terminal terminal, string from, string to)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public async Task<SessionMoveCounts> MoveAsync(SessionMover mover, CancellationToken cancellationToken)
    {
        var last = new SessionMoveCounts();
        try
        {
            return await terminal.ShowProgressAsync(
                $"Moving {await mover.CountOldSideAsync(cancellationToken):N0} sessions",
                show => mover.MoveAsync(
                    counts =>
                    {
                        last = counts;
                        show(counts.Seen);
                    },
                    cancellationToken));
        }
        catch (Exception failure) when (failure is SessionStoreException or OperationCanceledException)
        {
            // How far it came; the failure itself is printed by the caller.
            await terminal.Error.WriteLineAsync($"{Number(last.Moved)} sessions were moved before the run ended early. Run the same command again: it continues.");
            throw;
        }
    }

    public Task<SessionComparison> CompareAsync(SessionMover mover, CancellationToken cancellationToken) =>
        terminal.ShowProgressAsync("Comparing both sides", show => mover.CompareAsync(show, cancellationToken));

    public void End(SessionMoveCounts? counts, SessionComparison? comparison)
    {
        var elapsed = Stopwatch.GetElapsedTime(_start);
        if (terminal.IsJson)
        {
            terminal.Json(new
            {
                from, to, seconds = Math.Round(elapsed.TotalSeconds, 3),
                moved = counts?.Moved, alreadyThere = counts?.AlreadyThere, ended = counts?.Ended, unreadable = counts?.Unreadable, failed = counts?.Failed, reasons = counts?.Reasons,
                comparison = comparison is null ? null : new
                {
                    isMoved = comparison.IsMoved, isCopied = comparison.IsCopied, oldSide = comparison.OldSide, unreadable = comparison.Unreadable,
                    differences = comparison.Differences.Select(each => new { handle = each.Handle, kind = each.Kind.ToString() }),
                },
            });
            return;
        }

        if (counts is not null)
            Show(counts, elapsed);
        if (comparison is not null)
            Show(comparison, isMove: counts is not null);
    }

    private void Show(SessionMoveCounts counts, TimeSpan elapsed)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumn("sessions").AddColumn(new TableColumn("count").RightAligned());
        table.AddRow("moved", Number(counts.Moved));
        table.AddRow("already on the new side", Number(counts.AlreadyThere));
        table.AddRow("ended in the meantime", Number(counts.Ended));
        table.AddRow("left: cannot be read", Number(counts.Unreadable));
        table.AddRow("left: could not be moved", Number(counts.Failed));
        terminal.Console.Write(table);
        foreach (var reason in counts.Reasons)
            terminal.Output.WriteLine(reason);

        terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{counts.Seen:N0} sessions in {elapsed.TotalSeconds:0.0} s."));
        if (counts.Failed > 0)
            terminal.Output.WriteLine("What could not be moved is still on the old side, where requests find it. Run the same command again.");
    }

    private void Show(SessionComparison comparison, bool isMove)
    {
        foreach (var difference in comparison.Differences.Where(difference => isMove || difference.Kind != SessionDifferenceKind.Same))
            terminal.Output.WriteLine($"{difference.Handle}: {TextOf(difference.Kind)}");
        if (comparison.Unreadable > 0)
            terminal.Output.WriteLine($"{Number(comparison.Unreadable)} records of the old side cannot be read. They were no sessions to the application either.");

        terminal.Output.WriteLine((isMove, comparison.IsMoved, comparison.IsCopied) switch
        {
            (_, true, _) => $"Verified: no session is left on {from}.",
            (true, _, _) => $"Not complete: {Number(comparison.OldSide)} sessions are left on {from}.",
            (_, _, true) => $"Both sides are equal: each of the {Number(comparison.OldSide)} sessions of {from} is on {to}.",
            _ => $"The sides differ: {Number(comparison.OldSide - comparison.Found.GetValueOrDefault(SessionDifferenceKind.Same))} of {Number(comparison.OldSide)} sessions of {from}.",
        });
    }

    private static string TextOf(SessionDifferenceKind kind) => kind switch
    {
        SessionDifferenceKind.Missing => "only on the old side",
        SessionDifferenceKind.Same => "on both sides, equal",
        SessionDifferenceKind.Payload => "on both sides, with another payload on the new side",
        SessionDifferenceKind.Subject => "on both sides, for another subject on the new side",
        _ => "on both sides, with another lifetime on the new side",
    };

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
