using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.Conformance;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.Tests;

/// <summary>The key ring of Data Protection in a session store.</summary>
public sealed class SessionKeyRepositoryTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly MemoryStore _keys;

    public SessionKeyRepositoryTests() => _keys = new MemoryStore(null, _clock);

    [Fact]
    public void What_one_node_has_protected_is_read_on_another_node()
    {
        using var first = Node();
        using var second = Node();

        var sealedText = first.GetDataProtector("sign-in").Protect("alice");

        Assert.Equal("alice", second.GetDataProtector("sign-in").Unprotect(sealedText));
        Assert.Single(second.GetRequiredService<IKeyManager>().GetAllKeys());
    }

    [Fact]
    public void Keys_that_nodes_add_at_the_same_time_are_all_kept()
    {
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => new SessionKeyRepository(_keys).StoreElement(new XElement("key", new XAttribute("id", i)), "key"));

        Assert.Equal(Enumerable.Range(0, 8), new SessionKeyRepository(_keys).GetAllElements().Select(key => (int)key.Attribute("id")!).Order());
    }

    [Fact]
    public async Task Keys_are_there_after_ten_years_and_a_prune()
    {
        new SessionKeyRepository(_keys).StoreElement(XElement.Parse("<key note=\"ä &lt; &quot;\"><!-- as it was --></key>"), "key");
        _clock.Advance(TimeSpan.FromDays(3650));
        await _keys.PruneAsync(cancellationToken: TestContext.Current.CancellationToken);

        var key = Assert.Single(new SessionKeyRepository(_keys).GetAllElements());
        Assert.Equal("<key note=\"ä &lt; &quot;\"><!-- as it was --></key>", key.ToString(SaveOptions.DisableFormatting));
    }

    [Fact]
    public void A_node_without_the_keys_reads_nothing_of_the_others()
    {
        using var node = Node();
        using var stranger = new ServiceCollection().AddDataProtection().SetApplicationName("shop").PersistKeysToSessionStore(_ => new MemoryStore()).Services.BuildServiceProvider();

        var sealedText = node.GetDataProtector("sign-in").Protect("alice");

        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => stranger.GetDataProtector("sign-in").Unprotect(sealedText));
    }

    public void Dispose() => _keys.Dispose();

    private ServiceProvider Node() =>
        new ServiceCollection().AddDataProtection().SetApplicationName("shop").PersistKeysToSessionStore(_ => new KeptStore(_keys)).Services.BuildServiceProvider();

    /// <summary>Stays when a node ends, as a server does.</summary>
    private sealed class KeptStore(ISessionStore inner) : ISessionStore
    {
        public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken) => inner.GetAsync(id, slide, cancellationToken);

        public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken) => inner.CreateAsync(id, content, cancellationToken);

        public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken) =>
            inner.ReplaceAsync(id, version, content, cancellationToken);

        public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken) => inner.SetAsync(id, content, cancellationToken);

        public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken) => inner.TouchAsync(id, lifetime, cancellationToken);

        public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken) => inner.DestroyAsync(id, cancellationToken);

        public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken) =>
            inner.RotateAsync(id, newId, version, content, cancellationToken);
    }
}
