namespace SessionStores.Abstractions.Tests;

public sealed class SessionStoreExceptionTests
{
    [Theory]
    [InlineData(SessionStoreFault.Unavailable, true, true)]
    [InlineData(SessionStoreFault.Timeout, true, true)]
    [InlineData(SessionStoreFault.ReadOnly, true, false)]
    [InlineData(SessionStoreFault.Refused, false, false)]
    [InlineData(SessionStoreFault.Unreadable, false, false)]
    [InlineData(SessionStoreFault.Misconfigured, false, false)]
    [InlineData(SessionStoreFault.Failed, false, true)]
    public void A_fault_is_transient_or_not_and_without_a_word_of_the_store_leaves_a_write_open_or_not(SessionStoreFault fault, bool isTransient, bool mayHaveWritten)
    {
        var exception = new SessionStoreException("XStore", "Set", fault, "It failed.");

        Assert.Equal(isTransient, exception.IsTransient);
        Assert.Equal(mayHaveWritten, exception.MayHaveWritten);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_store_says_whether_the_write_may_have_been_done(bool mayHaveWritten) =>
        Assert.Equal(mayHaveWritten, new SessionStoreException("XStore", "Set", SessionStoreFault.Unavailable, "It failed.", null, mayHaveWritten).MayHaveWritten);
}
