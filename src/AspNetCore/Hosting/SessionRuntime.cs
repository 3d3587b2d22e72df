namespace SessionStores.AspNetCore;

/// <summary>The parts of one set of sessions, put together from its store and its options.</summary>
internal sealed class SessionRuntime
{
    public SessionRuntime(SessionSet set, ISessionStore store, FrameworkSessions? former = null)
    {
        Set = set;
        Calls = new StoreCalls(store, set);
        Cookies = new CookieReader(set.Options.Name, set.Secrets);
        Saver = new SessionSaver(set, Calls);
        Loader = new SessionLoader(set, Calls, Cookies, former is null ? null : new FrameworkSessionMover(set, Calls, Saver, former));
        Committer = new SessionCommitter(set, Saver);
    }

    public SessionSet Set { get; }

    public StoreCalls Calls { get; }

    public CookieReader Cookies { get; }

    public SessionSaver Saver { get; }

    public SessionLoader Loader { get; }

    public SessionCommitter Committer { get; }
}
