using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SessionStores.Http.Run;

namespace SessionStores.Http;

/// <summary>Draws the requests per second of a report as bars: one panel per store, the same report always as the same picture.</summary>
internal static class Chart
{
    private const int Width = 960;
    private const int Left = 270;
    private const int Bar = 18;
    private const int Step = 23;

    private static readonly (string Site, string Label, string Color)[] Sites =
    [
        ("plain", "no session", "#9aa5b1"),
        ("raw", "bare driver calls", "#9aa5b1"),
        ("own", "SessionStores", "#2457d6"),
        ("framework", "ASP.NET Core session", "#c98a1b"),
        ("framework-async", "ASP.NET Core session, LoadAsync first", "#c98a1b"),
        ("express-plain", "Express, no session", "#c9ced6"),
        ("express", "express-session", "#4f9a5b"),
    ];

    /// <summary>Draws the report of a folder beside it: <c>bench.svg</c>, and <c>bench.png</c> where a Chromium is installed.</summary>
    public static async Task DrawAsync(string folder)
    {
        var (svg, png) = (Path.GetFullPath(Path.Combine(folder, "bench.svg")), Path.GetFullPath(Path.Combine(folder, "bench.png")));
        if (await WriteAsync(Path.Combine(folder, "http.json"), svg) is not { } height || Programs.Find("chromium", "chromium-browser", "google-chrome") is not { } browser)
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

    /// <summary>Returns the height of the picture; null where nothing was measured.</summary>
    private static async Task<int?> WriteAsync(string report, string image)
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        var cells = document.RootElement.GetProperty("Cells").EnumerateArray().Select(Row.Of).ToArray();
        if (cells.Length == 0)
            return null;

        var connections = cells[0].Connections;
        var shown = cells.Where(cell => cell.Connections == connections && cell.Action != "anonymous").ToArray();
        var most = shown.Max(cell => cell.RequestsPerSecond);
        var body = new StringBuilder();
        var y = 56;
        Text(body, 24, 34, Invariant($"Requests per second, one core, {connections} connections"), "font-size:19px;font-weight:600");
        foreach (var panel in shown.GroupBy(cell => (cell.Store, cell.Action)))
        {
            y += 12;
            Text(body, 24, y + 14, $"{panel.Key.Store}, {panel.Key.Action} a member", "font-weight:600");
            y += 22;
            foreach (var (site, label, color) in Sites)
            {
                if (panel.FirstOrDefault(cell => cell.Site == site) is not { } cell)
                    continue;

                var length = (int)((Width - Left - 90) * cell.RequestsPerSecond / most);
                Text(body, Left - 10, y + 14, label, "text-anchor:end");
                body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{Math.Max(length, 1)}\" height=\"{Bar}\" rx=\"2\" fill=\"{color}\"/>\n");
                Text(body, Left + length + 8, y + 14, cell.RequestsPerSecond.ToString("N0", CultureInfo.InvariantCulture), "fill:#444");
                y += Step;
            }
        }

        var height = y + 20;
        var svg = Invariant(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n");
        await File.WriteAllTextAsync(image, svg);
        return height;
    }

    private static void Text(StringBuilder body, int x, int y, string text, string style) =>
        body.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" style=\"{style}\">{text}</text>\n");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Row(string Store, string Site, string Action, int Connections, double RequestsPerSecond)
    {
        public static Row Of(JsonElement cell) => new(
            cell.GetProperty(nameof(Store)).GetString()!,
            cell.GetProperty(nameof(Site)).GetString()!,
            cell.GetProperty(nameof(Action)).GetString()!,
            cell.GetProperty(nameof(Connections)).GetInt32(),
            cell.GetProperty(nameof(RequestsPerSecond)).GetDouble());
    }
}
