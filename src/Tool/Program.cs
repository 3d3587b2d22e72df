namespace SessionStores.Tool;

/// <summary>The command <c>sessionstores</c>.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => Commands.RunAsync(args, Console.Out, Console.Error, Console.IsInputRedirected ? null : Console.In);
}
