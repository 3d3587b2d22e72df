namespace SessionStores.Abstractions.Tests;

public sealed class SessionVersionTests
{
    [Fact]
    public void Any_version_is_neither_the_default_nor_the_version_of_content()
    {
        Assert.True(SessionVersion.Any.IsAny);
        Assert.False(default(SessionVersion).IsAny);
        Assert.False(SessionVersion.Of(new byte[1].AsMemory(0, 0)).IsAny);
        Assert.False(SessionVersion.Of("\0"u8.ToArray()).IsAny);
        Assert.NotEqual(default, SessionVersion.Any);
        Assert.NotEqual(SessionVersion.Of(default), SessionVersion.Any);
        Assert.Equal(SessionVersion.Any, SessionVersion.Any);
    }

    [Fact]
    public void A_version_that_was_never_loaded_is_refused()
    {
        SessionArguments.ThrowIfInvalidVersion(SessionVersion.Any);
        SessionArguments.ThrowIfInvalidVersion(SessionVersion.Of("{}"u8.ToArray()));

        Assert.Throws<ArgumentException>("version", () => RefuseDefault());

        static void RefuseDefault()
        {
            SessionVersion version = default;
            SessionArguments.ThrowIfInvalidVersion(version);
        }
    }
}
