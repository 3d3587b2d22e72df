using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SessionStores.Docs.Tests;

/// <summary>A C# block that is compiled against the assemblies of the packages.</summary>
/// <remarks>
/// A block with using directives, or one that creates the application, is a file of a web project as it is pasted: only the implicit usings of the
/// SDK are added. Any other block is a piece of one: it may use the variables in <see cref="Names"/> and the namespaces in <see cref="Namespaces"/>.
/// </remarks>
internal static class Snippet
{
    private static readonly string[] Implicit =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Net.Http.Json", "System.Threading", "System.Threading.Tasks",
        "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Configuration",
        "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    private static readonly string[] Namespaces =
    [
        "SessionStores", "SessionStores.AspNetCore", "SessionStores.Conformance", "SessionStores.Memory", "SessionStores.Mongo", "SessionStores.Moving", "SessionStores.Postgres", "SessionStores.Protection", "SessionStores.Redis",
        "Microsoft.AspNetCore.Authentication", "Microsoft.AspNetCore.Authentication.Cookies", "DotNet.Testcontainers.Builders", "DotNet.Testcontainers.Containers",
        "Microsoft.AspNetCore.HttpOverrides", "MongoDB.Driver", "Npgsql", "StackExchange.Redis", "ThirdParty", "ThirdParty.Tests", "Xunit", "SessionStores.Docs.Tests",
    ];

    // Everything that this test program can load: the shared frameworks, the packages and what they depend on.
    private static readonly List<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file))];

    // CS1701: versions of assemblies; CS1998: a piece without await; CS8321: a local function that a reader calls.
    private static readonly CSharpCompilationOptions Options = new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
        .WithSpecificDiagnosticOptions(new[] { "CS1701", "CS1702", "CS1998", "CS8321" }.ToDictionary(id => id, _ => ReportDiagnostic.Suppress));

    /// <summary>Returns what the compiler reports, warnings too.</summary>
    public static IReadOnlyList<string> Compile(string text)
    {
        var snippet = CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot();
        var isWhole = snippet.Usings.Count > 0 || text.Contains("WebApplication.CreateBuilder", StringComparison.Ordinal);
        var source = text.Contains("WebApplication.CreateBuilder", StringComparison.Ordinal) ? text : Wrap(snippet);
        var usings = string.Join('\n', (isWhole ? Implicit : [.. Implicit, .. Namespaces]).Select(name => $"global using {name};"));
        var compilation = CSharpCompilation.Create("Snippet", [CSharpSyntaxTree.ParseText(usings), CSharpSyntaxTree.ParseText(source)], References, Options);
        return [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.ToString())];
    }

    private static string Wrap(CompilationUnitSyntax snippet) => $$"""
        {{snippet.Externs}}{{snippet.Usings}}
        {{snippet.AttributeLists}}
        file sealed class Piece : SessionStores.Docs.Tests.Names
        {
            private static async System.Threading.Tasks.Task Main()
            {
        {{string.Concat(snippet.Members.OfType<GlobalStatementSyntax>().Select(statement => statement.ToFullString()))}}
            }
        }
        {{string.Concat(snippet.Members.Where(member => member is not GlobalStatementSyntax).Select(member => member.ToFullString()))}}
        """;
}
