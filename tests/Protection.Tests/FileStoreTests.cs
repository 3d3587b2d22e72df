using System.Text;
using ThirdParty;

namespace SessionStores.Protection.Tests;

/// <summary>The sample of a store of another author, protected without knowing of it.</summary>
public sealed class FileStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sessionstores-protected-");

    [Theory]
    [InlineData(false, 1000)]
    [InlineData(true, 0)]
    public async Task The_files_of_protected_sessions_hold_no_id_no_member_name_and_no_address(bool isProtected, int found)
    {
        const int Sessions = 1000;
        var options = Keys.Options(Keys.Current);
        options.HashSubjects = true;
        ISessionStore store = new FileStore(_folder.FullName);
        if (isProtected)
            store = new ProtectedStore(store, options);

        for (var i = 0; i < Sessions; i++)
        {
            var payload = Encoding.UTF8.GetBytes($$"""{"cookie":{"originalMaxAge":3600000},"member_{{i:D4}}":true,"email":"person@mail-{{i:D4}}.org"}""");
            await store.CreateAsync($"identifier-{i:D4}", new SessionContent(payload, TimeSpan.FromHours(1), $"person@mail-{i:D4}.org"));
        }

        var dump = string.Join('\n', _folder.GetFiles().Select(file => file.Name + File.ReadAllText(file.FullName)));
        foreach (var text in new[] { "identifier-", "member_", "person@mail-" })
            Assert.Equal(found, Enumerable.Range(0, Sessions).Count(i => dump.Contains($"{text}{i:D4}", StringComparison.Ordinal)));
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
}
