namespace SessionStores.Conformance.Suites;

/// <content>Every way to write content and every way to read it, for what has to hold on each of them. Stores often do on one path what they do
/// on no other: a statement of its own, another parser, another rounding.</content>
internal abstract partial class ConformanceSuite
{
    /// <summary>A threshold with which every slide is due.</summary>
    private protected static readonly TimeSpan AlwaysDue = TimeSpan.FromDays(3650);

    /// <summary>Each way to write content; it returns the id that the session then has. Where a session has to be there before, it has another
    /// payload, another lifetime and another subject.</summary>
    private protected IReadOnlyList<(string Name, Func<ISessionStore, SessionContent, Task<string>> WriteAsync)> ContentPaths =>
    [
        ("a create", CreateAsync),
        ("a set of an absent id", async (store, content) =>
        {
            var id = NewId();
            await store.SetAsync(id, content);
            return id;
        }),
        ("a set of a session", async (store, content) =>
        {
            var id = await CreateAsync(store, Before);
            await store.SetAsync(id, content);
            return id;
        }),
        ("a replace", async (store, content) =>
        {
            var id = NewId();
            var version = (await store.CreateAsync(id, Before)).Version;
            Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, version, content)).Status, "the status of a replace");
            return id;
        }),
        ("a rotation with a version", async (store, content) =>
        {
            var (id, newId) = (NewId(), NewId());
            var version = (await store.CreateAsync(id, Before)).Version;
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, version, content)).Status, "the status of a rotation with a version");
            return newId;
        }),
        ("a rotation without a version", async (store, content) =>
        {
            var (id, newId) = (await CreateAsync(store, Before), NewId());
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, content)).Status, "the status of a rotation without a version");
            return newId;
        }),
    ];

    /// <summary>The ways to write content, and those to extend the life of content that is there. The latter only lengthen: their lifetimes have to
    /// be longer than ten minutes.</summary>
    private protected IReadOnlyList<(string Name, Func<ISessionStore, SessionContent, Task<string>> WriteAsync)> LifetimePaths =>
    [
        .. ContentPaths,
        ("a touch", async (store, content) =>
        {
            var id = await CreateAsync(store, new SessionContent(content.Payload, In(TimeSpan.FromMinutes(10)), content.Subject));
            Expect.True(await store.TouchAsync(id, content.Lifetime), "touch of a live session returns true");
            return id;
        }),
        ("a slide", async (store, content) =>
        {
            var id = await CreateAsync(store, new SessionContent(content.Payload, In(TimeSpan.FromMinutes(10)), content.Subject));
            Expect.Found(await store.GetAsync(id, new SlidingExpiry(AlwaysDue, content.Lifetime)), "the session that a slide reads");
            return id;
        }),
    ];

    private SessionContent Before => Content("before", In(TimeSpan.FromMinutes(5)), "before");

    /// <summary>Each way to read a session. A listing is made once, here; the last way extends what it reads.</summary>
    private protected async Task<IReadOnlyList<(string Name, Func<string, Task<SessionRecord?>> ReadAsync)>> ReadPathsAsync(ISessionStore store, string subject)
    {
        var paths = new List<(string, Func<string, Task<SessionRecord?>>)>
        {
            ("get", id => store.GetAsync(id).AsTask()),
            ("a slide that is not due", id => store.GetAsync(id, new SlidingExpiry(TimeSpan.Zero, Later)).AsTask()),
        };
        if (store.GetCapability<ISessionEnumeration>() is { } many)
            paths.Add(("a listing", From(await ListAsync(many.AllAsync()))));

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            paths.Add(("a listing of the subject", From(await ListAsync(subjects.ListBySubjectAsync(subject)))));

        paths.Add(("a slide", id => store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(1))).AsTask()));
        return paths;
    }

    /// <summary>Writes each content on each path, with the name of the content in what is returned.</summary>
    private protected static async Task<List<(string What, string Id, SessionContent Content, DateTimeOffset From, DateTimeOffset Until)>> WriteEachAsync(
        ISessionStore store,
        IReadOnlyList<(string Name, Func<ISessionStore, SessionContent, Task<string>> WriteAsync)> paths,
        IReadOnlyList<(string Name, SessionContent Content)> contents,
        Func<DateTimeOffset> now)
    {
        var written = new List<(string, string, SessionContent, DateTimeOffset, DateTimeOffset)>();
        foreach (var (name, content) in contents)
        {
            foreach (var (path, writeAsync) in paths)
            {
                var from = now();
                try
                {
                    written.Add(($"{name} after {path}", await writeAsync(store, content), content, from, now()));
                }
                catch (ArgumentException refused)
                {
                    throw new ConformanceException($"Expected that {path} with {name} is no {refused.GetType().Name}: {refused.Message}", refused);
                }
            }
        }

        return written;
    }

    private protected async Task<string> CreateAsync(ISessionStore store, SessionContent content)
    {
        var id = NewId();
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, content)).Status, "the status of a create");
        return id;
    }

    /// <summary>Creates many sessions, eight at a time.</summary>
    private protected static Task CreateManyAsync(ISessionStore store, IReadOnlyList<string> ids, SessionContent content) => Parallel.ForEachAsync(
        ids, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (id, cancellationToken) => await store.CreateAsync(id, content, cancellationToken));

    private static Func<string, Task<SessionRecord?>> From(List<SessionRecord> listed)
    {
        var byId = new Dictionary<string, SessionRecord>(StringComparer.Ordinal);
        foreach (var record in listed)
            Expect.True(byId.TryAdd(record.Id, record), "each session is listed once");

        return id => Task.FromResult(byId.GetValueOrDefault(id));
    }
}
