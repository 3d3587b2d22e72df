namespace SessionStores.Backends;

/// <summary>The user that a server runs as, with the number of its group; neither to stay the user of this process.</summary>
internal sealed record ServerUser(string? Name, string? Group)
{
    /// <summary>The user of this process.</summary>
    public static ServerUser Current { get; } = new(null, null);

    /// <summary>
    /// The current user or, for root, the first of <c>postgres</c> and <c>nobody</c> that exists; null when root cannot change. PostgreSQL and
    /// PgBouncer refuse root.
    /// </summary>
    public static ServerUser? NotRoot()
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
            return Current;
        if (Executable.Find("setpriv") is null)
            return null;
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).ToList();
        return new[] { "postgres", "nobody" }.SelectMany(name => users.Where(user => user[0] == name))
            .Select(user => new ServerUser(user[0], user[3])).FirstOrDefault();
    }

    /// <summary>Gives a file or folder to this user.</summary>
    public Task OwnAsync(string path) => Name is null ? Task.CompletedTask : Executable.RunAsync(Current, "chown", ["-R", Name, path]);

    /// <summary>
    /// The command line that runs <paramref name="command"/> as this user. With <paramref name="dieWithParent"/> the kernel kills it when the
    /// thread that started it ends (Linux, where util-linux is installed).
    /// </summary>
    public IReadOnlyList<string> Wrap(IReadOnlyList<string> command, bool dieWithParent)
    {
        List<string> options = dieWithParent ? ["--pdeathsig", "KILL"] : [];
        if (Name is not null)
            options.AddRange([$"--reuid={Name}", "--init-groups", $"--regid={Group}"]);
        return options.Count == 0 || Executable.Find("setpriv") is not { } setpriv ? command : [setpriv, .. options, "--", .. command];
    }
}
