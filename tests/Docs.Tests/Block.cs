using System.Text.RegularExpressions;

namespace SessionStores.Docs.Tests;

/// <summary>A fenced block of a document.</summary>
/// <param name="Place">The document and the line of the block's first line: <c>README.md:40</c>.</param>
/// <param name="Language">The word after the fence.</param>
/// <param name="Text">The lines, without the indentation of the fence.</param>
/// <param name="Source">The file that the block is an excerpt of, from a comment before the fence; null otherwise.</param>
internal sealed partial record Block(string Place, string Language, string Text, string? Source)
{
    /// <summary>All blocks of README.md, the pages of the packages and the guides.</summary>
    public static IReadOnlyList<Block> All { get; } = [.. Documents().SelectMany(Read)];

    public static Block At(string place) => All.Single(block => block.Place == place);

    public static TheoryData<string> PlacesOf(string language) => [.. All.Where(block => block.Language == language).Select(block => block.Place)];

    private static IEnumerable<string> Documents() =>
        Directory.GetFiles(Repository.PathOf("src"), "README.md", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Repository.PathOf("docs"), "*.md"))
            .Append(Repository.PathOf("README.md"))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<Block> Read(string document)
    {
        var text = File.ReadAllText(document);
        foreach (Match match in Fence().Matches(text))
        {
            var (indent, code) = (match.Groups["indent"].Value, match.Groups["text"]);
            var line = text.AsSpan(0, code.Index).Count('\n') + 1;
            yield return new Block(
                $"{Path.GetRelativePath(Repository.Root, document).Replace('\\', '/')}:{line}",
                match.Groups["language"].Value,
                string.Join('\n', code.Value.Split('\n').Select(one => one.StartsWith(indent, StringComparison.Ordinal) ? one[indent.Length..] : one)),
                match.Groups["source"] is { Success: true } source ? source.Value : null);
        }
    }

    [GeneratedRegex(@"(?:^ *<!-- excerpt of (?<source>\S+) -->\n)?^(?<indent> *)```(?<language>\w*)\n(?<text>.*?)^\k<indent>```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
