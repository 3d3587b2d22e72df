using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.DependencyInjection;
using SessionStores;
using SessionStores.AspNetCore;
using SessionStores.Memory;

// Both namespaces have an ISessionStore. Code that imports both says which one it means with one line:
using ISessionStore = SessionStores.ISessionStore;

namespace Elsewhere;

/// <summary>Code outside of our namespaces that imports ours and the framework's.</summary>
public sealed class BothNamespacesTests
{
    [Fact]
    public void Code_that_imports_the_frameworks_session_and_ours_compiles_with_one_alias()
    {
        var services = new ServiceCollection();
        services.AddSessionStores(options => options.Secrets.Add("keyboard cat")).UseMemory();
        using var provider = services.BuildServiceProvider();

        ISessionStore ours = provider.GetRequiredService<ISessionStore>();
        Microsoft.AspNetCore.Session.ISessionStore? theirs = provider.GetService<Microsoft.AspNetCore.Session.ISessionStore>();

        Assert.IsType<MemoryStore>(ours);
        Assert.Null(theirs);
        Assert.Equal(".AspNetCore.Session", SessionDefaults.CookieName);
        Assert.Equal("connect.sid", new SessionStoresOptions().Name);
    }
}
