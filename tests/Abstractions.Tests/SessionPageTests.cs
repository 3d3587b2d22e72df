namespace SessionStores.Abstractions.Tests;

public sealed class SessionPageTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("sess:\u00e4\ud83d\ude00")]
    public void A_continuation_returns_its_position_to_its_subject_only(string position)
    {
        var continuation = SessionPage.ContinuationAfter("alice", position);

        Assert.Matches("^[A-Za-z0-9_-]+$", continuation);
        Assert.Equal(position, SessionPage.PositionOf("alice", continuation));
        Assert.Throws<ArgumentException>("continuation", () => SessionPage.PositionOf("bob", continuation));
        Assert.Null(SessionPage.PositionOf("alice", null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA")]
    public void What_is_not_a_continuation_is_refused(string text) =>
        Assert.Throws<ArgumentException>("continuation", () => SessionPage.PositionOf("alice", text));

    [Fact]
    public async Task The_stream_and_the_count_walk_through_all_pages()
    {
        ISessionSubjects store = new Pages();

        Assert.Equal(["0", "1", "2", "3", "4"], await store.ListBySubjectAsync("alice", cancellationToken: TestContext.Current.CancellationToken).Select(record => record.Id).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(5, await store.CountBySubjectAsync("alice", TestContext.Current.CancellationToken));
    }

    /// <summary>Five sessions in pages of two, one of which is empty.</summary>
    private sealed class Pages : ISessionSubjects
    {
        private static readonly string[][] Ids = [["0", "1"], [], ["2", "3"], ["4"]];

        public ValueTask<SessionPage> PageBySubjectAsync(
            string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
        {
            var number = int.Parse(SessionPage.PositionOf(subject, continuation) ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            var records = Ids[number].Select(id => new SessionRecord(id, default, SessionExpiry.Never, null, subject, default)).ToList();
            return new(new SessionPage(records, number + 1 < Ids.Length ? SessionPage.ContinuationAfter(subject, $"{number + 1}") : null));
        }

        public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
