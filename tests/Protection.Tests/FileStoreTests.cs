using System.Text;
using SessionStores.Memory;
using ThirdParty;

namespace SessionStores.Protection.Tests;

/// <summary>What stores without a server hold of protected sessions: that of another author, the sample, and the one in memory.</summary>
public sealed class FileStoreTests : IDisposable
{
    private const int Sessions = 1000;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sessionstores-protected-");

    [Theory]
    [InlineData(false, 1000)]
    [InlineData(true, 0)]
    public async Task The_files_of_protected_sessions_hold_no_id_no_member_name_and_no_address(bool isProtected, int found)
    {
        await FillAsync(new FileStore(_folder.FullName), isProtected);

        Assert.Equal((found, found, found), Found(string.Join('\n', _folder.GetFiles().Select(file => file.Name + File.ReadAllText(file.FullName)))));
    }

    [Theory]
    [InlineData(false, 1000)]
    [InlineData(true, 0)]
    public async Task What_a_store_in_memory_holds_of_protected_sessions_has_no_id_no_member_name_and_no_address(bool isProtected, int found)
    {
        using var store = new MemoryStore();
        await FillAsync(store, isProtected);

        var records = await store.AllAsync().ToListAsync();
        Assert.Equal((found, found, found), Found(string.Join('\n', records.Select(record => $"{record.Id} {record.Subject} {Encoding.UTF8.GetString(record.Payload.Span)}"))));
        Assert.Equal(Sessions, records.Count);
    }

    [Fact]
    public void A_capability_that_the_store_has_not_is_not_offered()
    {
        ISessionStore store = new ProtectedStore(new FileStore(_folder.FullName), Keys.Options(Keys.Current));

        Assert.Null(store.GetCapability<ISessionSubjects>());
        Assert.Same(store, store.GetCapability<ISessionEnumeration>());
        Assert.Same(store, store.GetCapability<ISessionPruning>());
        Assert.NotNull(store.GetCapability<FileStore>());
        Assert.Null(store.GetCapability<IFormattable>());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task FillAsync(ISessionStore store, bool isProtected)
    {
        var options = Keys.Options(Keys.Current);
        options.HashSubjects = true;
        if (isProtected)
            store = new ProtectedStore(store, options);

        for (var i = 0; i < Sessions; i++)
        {
            var payload = Encoding.UTF8.GetBytes($$"""{"cookie":{"originalMaxAge":3600000},"member_{{i:D4}}":true,"email":"person@mail-{{i:D4}}.org"}""");
            await store.CreateAsync($"identifier-{i:D4}", new SessionContent(payload, TimeSpan.FromHours(1), $"person@mail-{i:D4}.org"));
        }
    }

    private static (int Ids, int Members, int Addresses) Found(string dump) => (Count(dump, "identifier-"), Count(dump, "member_"), Count(dump, "person@mail-"));

    private static int Count(string dump, string text) => Enumerable.Range(0, Sessions).Count(i => dump.Contains($"{text}{i:D4}", StringComparison.Ordinal));
}
