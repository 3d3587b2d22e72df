namespace SessionStores.Shared.Tests;

public sealed class WriteOutcomeTests
{
    [Theory]
    [InlineData("Get", false, false)]
    [InlineData("ListBySubject", false, false)]
    [InlineData("Set", false, true)]
    [InlineData("Set", true, false)]
    [InlineData("Rotate", true, false)]
    [InlineData("Prune", true, true)]
    [InlineData("DestroyBySubject", true, true)]
    public void Reads_write_nothing_and_calls_of_many_batches_may_have_written_before(string operation, bool wasNotDone, bool mayHaveWritten) =>
        Assert.Equal(mayHaveWritten, WriteOutcome.MayHaveWritten(operation, wasNotDone));

    [Fact]
    public void A_fault_after_a_write_is_the_same_fault_that_may_have_written()
    {
        var cause = new InvalidOperationException();
        var fault = new SessionStoreException("XStore", "Rotate", SessionStoreFault.Unavailable, "It cannot be reached.", cause, mayHaveWritten: false);

        var after = WriteOutcome.AfterWrite(fault);

        Assert.True(after.MayHaveWritten);
        Assert.Equal((fault.Message, fault.Fault, fault.Operation), (after.Message, after.Fault, after.Operation));
        Assert.Same(cause, after.InnerException);
    }
}
