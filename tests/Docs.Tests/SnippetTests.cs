namespace SessionStores.Docs.Tests;

/// <summary>Every C# block of the documents compiles. The names of the tests are the list of the blocks.</summary>
public sealed class SnippetTests
{
    public static TheoryData<string> Places => Block.PlacesOf("csharp");

    [Theory]
    [MemberData(nameof(Places))]
    public void A_snippet_compiles(string place)
    {
        var block = Block.At(place);
        if (block.Source is { } source)
        {
            // Part of a file that another project compiles, from its first line to its last.
            Assert.Contains(Flatten(block.Text), Flatten(File.ReadAllText(Repository.PathOf(source))), StringComparison.Ordinal);
            return;
        }

        var reported = Snippet.Compile(block.Text);

        Assert.True(reported.Count == 0, $"The snippet at {place} does not compile:\n{string.Join('\n', reported)}\n\n{block.Text}");
    }

    [Fact]
    public void Every_document_with_code_is_read() =>
        Assert.Superset(
            new HashSet<string>(["README.md", "docs/adding-a-store.md", "docs/from-express.md", "src/AspNetCore/README.md", "src/Stores.Mongo/README.md"]),
            Block.All.Where(block => block.Language == "csharp").Select(block => block.Place.Split(':')[0]).ToHashSet());

    [Theory]
    [InlineData("var views = session.Get<int>(\"views\");\nviews.Missing();")]
    [InlineData("builder.Services.AddSessionStores().UseRedis();")]
    [InlineData("var builder = WebApplication.CreateBuilder(args);\nHttpSession? session = null;")] // a using is missing
    public void A_snippet_with_a_mistake_is_reported(string text) => Assert.NotEmpty(Snippet.Compile(text));

    private static string Flatten(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
