using System.Diagnostics;
using System.Globalization;
using System.Text;
using SessionStores.Http.Run;

namespace SessionStores.Http;

/// <summary>Draws everybody's requests for a second of processor time, of site and server together, as bars: a row for each store, on its own scale.</summary>
internal static class Chart
{
    private const int Width = 1120;
    private const int Column = 545;
    private const int LabelWidth = 170;
    private const int LongestBar = 290;
    private const int Bar = 18;
    private const int Step = 23;

    /// <summary>Who is shown, with the contestants of which the first that was measured counts.</summary>
    public static IReadOnlyList<Site> Sites { get; } =
    [
        new("bare driver calls", "#9aa5b1", ["raw", "plain"]),
        new("SessionStores", "#2457d6", ["own"]),
        new("ASP.NET Core session", "#c98a1b", ["framework-async", "framework"]),
        new("express-session", "#4f9a5b", ["express"]),
    ];

    public static IEnumerable<(string Store, string Action)> Panels =>
        from store in (string[])["memory", "redis", "postgres", "mongo"]
        from action in (string[])["read", "change"]
        select (store, action);

    public static Cell? Find(Plan plan, string store, string action, Site site) => (
        from name in site.Contestants
        from cell in plan.Cells
        where cell.Contestant.Store == store && cell.Contestant.Site == name && cell.Connections == Plan.Usual
            && (cell.Action == action || (name == "plain" && cell.Action == "read"))
        orderby cell.Failure is not null
        select cell).FirstOrDefault();

    /// <summary>Draws <c>bench.svg</c>, and <c>bench.png</c> where a Chromium is installed.</summary>
    public static async Task DrawAsync(Plan plan, string folder)
    {
        var (svg, png) = (Path.GetFullPath(Path.Combine(folder, "bench.svg")), Path.GetFullPath(Path.Combine(folder, "bench.png")));
        var (picture, height) = Draw(plan);
        await File.WriteAllTextAsync(svg, picture);
        if (Programs.Find("chromium", "chromium-browser", "google-chrome") is not { } browser)
            return;

        using var process = Process.Start(new ProcessStartInfo(
            browser, ["--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=1", $"--window-size={Width},{height}", $"--screenshot={png}", $"file://{svg}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());
        Console.WriteLine(process.ExitCode == 0 ? png : $"no bench.png: {browser} ended with {process.ExitCode}");
    }

    private static (string Picture, int Height) Draw(Plan plan)
    {
        var body = new StringBuilder();
        var y = 62;
        Text(body, 24, 32, "Requests for one second of processor time, site and database together", "font-size:19px;font-weight:600");
        Text(body, 24, 52, string.Create(CultureInfo.InvariantCulture, $"Longer is better. {Plan.Usual} connections; each row has its own scale."), "fill:#555");
        foreach (var row in Panels.Where(panel => plan.Cells.Any(cell => cell.Contestant.Store == panel.Store)).GroupBy(panel => panel.Store))
        {
            var most = row.SelectMany(panel => Sites.Select(site => RateOf(Find(plan, panel.Store, panel.Action, site)))).Where(double.IsFinite).DefaultIfEmpty().Max();
            var (x, rows) = (24, 0);
            foreach (var (store, action) in row)
            {
                Text(body, x, y + 20, $"{NameOf(store)}, {action}", "font-weight:600");
                var bars = Sites.Select(site => (Site: site, Cell: Find(plan, store, action, site))).Where(bar => bar.Cell is not null).ToList();
                for (var index = 0; index < bars.Count; index++)
                    DrawBar(body, x, y + 28 + (index * Step), bars[index].Site, bars[index].Cell!, most);

                x += Column;
                rows = Math.Max(rows, bars.Count);
            }

            y += 28 + (rows * Step) + 10;
        }

        var picture = string.Create(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{y}\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n");
        return (picture, y);
    }

    /// <summary>A bar, or words where there is no figure: a bar without length would look like one that was measured.</summary>
    private static void DrawBar(StringBuilder body, int x, int y, Site site, Cell cell, double most)
    {
        Text(body, x + LabelWidth - 8, y + 14, site.Label, "text-anchor:end");
        var rate = RateOf(cell);
        if (!double.IsFinite(rate) || rate <= 0)
        {
            Text(body, x + LabelWidth, y + 14, cell.Rounds.Count == 0 ? "not measured" : "completes no request", "fill:#888;font-style:italic");
            return;
        }

        var length = Math.Max(2, (int)(LongestBar * rate / most));
        body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x + LabelWidth}\" y=\"{y}\" width=\"{length}\" height=\"{Bar}\" rx=\"2\" fill=\"{site.Color}\"/>\n");
        Text(body, x + LabelWidth + length + 6, y + 14, rate.ToString("N0", CultureInfo.InvariantCulture), "fill:#333");
    }

    private static double RateOf(Cell? cell) => cell is null ? double.NaN : 1e6 / cell.Median(round => round.Requests == 0 ? null : round.Microseconds);

    private static string NameOf(string store) => store switch
    {
        "redis" => "Redis",
        "postgres" => "PostgreSQL",
        "mongo" => "MongoDB",
        _ => "Memory",
    };

    private static void Text(StringBuilder body, int x, int y, string text, string style) =>
        body.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" style=\"{style}\">{text}</text>\n");

    /// <summary>A row of bars.</summary>
    internal sealed record Site(string Label, string Color, string[] Contestants);
}
