using System.Text;

namespace SessionStores.Moving.Tests;

/// <summary>The mark of a move at the end of a payload.</summary>
public sealed class MovingRecordTests
{
    private static readonly string Move = MovingRecord.NewMove();

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \n\t}")]
    [InlineData("  {}  \r\n")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":1 } """)]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"a":"}"}""")]
    [InlineData("""{"a":{"b":[]},"a":2}""")]
    [InlineData("""{"a":"\"__moving\":\"00000000000000000000000000000000\""}""")]
    [InlineData("""{"a":{"__moving":"00000000000000000000000000000000"}}""")]
    [InlineData("""{"__moving":"0000000000000000000000000000000"}""")]
    [InlineData("""{"__moving":"0000000000000000000000000000000G"}""")]
    [InlineData("""{"__moving":"00000000000000000000000000000000","a":1}""")]
    public void A_mark_is_read_and_taken_off_byte_for_byte(string payload)
    {
        var original = Encoding.UTF8.GetBytes(payload);
        Assert.Null(MovingRecord.MoveOf(original));

        var marked = MovingRecord.Mark(original, Move);

        Assert.Equal(Move, MovingRecord.MoveOf(marked.Span));
        Assert.InRange(marked.Length - original.Length, 1, MovingRecord.MarkBytes);
        Assert.Equal(Move, System.Text.Json.JsonDocument.Parse(marked).RootElement.GetProperty("__moving").GetString());
        Assert.Equal(payload, Encoding.UTF8.GetString(MovingRecord.Unmark(RecordOf("id", marked)).Span));
    }

    [Fact]
    public void Only_a_reservation_under_its_own_id_is_one()
    {
        var reservation = MovingRecord.Reservation(Move, RecordOf("id", "{}"u8.ToArray()), hasSubject: false);

        Assert.True(MovingRecord.IsInternal(RecordOf(MovingRecord.ReservationIdOf(Move), reservation.Payload)));
        Assert.False(MovingRecord.IsInternal(RecordOf("id", reservation.Payload)));
        Assert.False(MovingRecord.IsInternal(RecordOf(MovingRecord.ReservationIdOf(MovingRecord.NewMove()), reservation.Payload)));
        Assert.False(MovingRecord.IsInternal(RecordOf(MovingRecord.ReservationIdOf(Move), "{}"u8.ToArray())));
    }

    [Fact]
    public void A_reservation_is_as_long_as_a_large_session()
    {
        var session = RecordOf("id", new byte[5000]);

        var reservation = MovingRecord.Reservation(Move, session, hasSubject: false).Payload;

        Assert.Equal(5000, reservation.Length);
        Assert.Equal(Move, System.Text.Json.JsonDocument.Parse(reservation).RootElement.GetProperty("__moving").GetString());
        Assert.True(MovingRecord.IsInternal(RecordOf(MovingRecord.ReservationIdOf(Move), reservation)));
    }

    [Fact]
    public void A_reservation_outlives_its_session()
    {
        Assert.Equal(TimeSpan.FromMinutes(70), MovingRecord.Reservation(Move, RecordOf("id", "{}"u8.ToArray()), hasSubject: false).Lifetime.Idle);
        Assert.Equal(SessionLifetime.Never, MovingRecord.Reservation(Move, new SessionRecord("id", "{}"u8.ToArray(), SessionExpiry.Never, null, null, SessionVersion.Any), hasSubject: true).Lifetime);
    }

    private static SessionRecord RecordOf(string id, ReadOnlyMemory<byte> payload) =>
        new(id, payload, DateTimeOffset.UnixEpoch.AddYears(70), TimeSpan.FromHours(1), null, SessionVersion.Of(payload));
}
