namespace SessionStores.Backends;

/// <summary>The user that a server runs as. PostgreSQL and PgBouncer refuse root, so that root hands them to another user.</summary>
internal sealed class ServerUser
{
    private ServerUser(string? name) => Name = name;

    /// <summary>The user of this process.</summary>
    public static ServerUser Current { get; } = new(null);

    /// <summary>The name to change to; null to stay.</summary>
    public string? Name { get; }

    /// <summary>The current user or, for root, the first of <c>postgres</c> and <c>nobody</c> that exists; null when root cannot change.</summary>
    public static ServerUser? NotRoot()
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
            return Current;
        if (Executable.Find("setpriv") is null)
            return null;
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        return new[] { "postgres", "nobody" }.Where(users.Contains).Select(user => new ServerUser(user)).FirstOrDefault();
    }

    /// <summary>Gives a file or folder to this user.</summary>
    public async Task OwnAsync(string path)
    {
        if (Name is not null)
            await Command.RunAsync(Current, "chown", ["-R", Name, path]);
    }

    /// <summary>
    /// The command line that runs <paramref name="command"/> as this user. With <paramref name="dieWithParent"/> the kernel kills it when the
    /// thread that started it ends (Linux, where util-linux is installed).
    /// </summary>
    public IReadOnlyList<string> Wrap(IReadOnlyList<string> command, bool dieWithParent)
    {
        List<string> options = [];
        if (dieWithParent)
            options.AddRange(["--pdeathsig", "KILL"]);
        if (Name is not null)
            options.AddRange([$"--reuid={Name}", "--init-groups", $"--regid={Command.GroupOf(Name)}"]);
        return options.Count == 0 || Executable.Find("setpriv") is not { } setpriv ? command : [setpriv, .. options, "--", .. command];
    }
}
