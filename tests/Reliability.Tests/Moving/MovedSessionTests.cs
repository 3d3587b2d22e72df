namespace SessionStores.Reliability.Tests.Moving;

/// <summary>The judgement of a move finds what would be wrong with it.</summary>
public sealed class MovedSessionTests
{
    private readonly MovedSession _session = new("cookie");

    [Fact]
    public void Additions_and_a_log_out_in_order_are_right()
    {
        Assert.Equal(Violation.None, Do(Request.Add, 1));
        Assert.Equal(Violation.None, Do(Request.Add, 2));
        Assert.Equal(Violation.None, Do(Request.Read, 2));
        Assert.Equal(Violation.None, Do(Request.LogOut, 2));
        Assert.Equal(Violation.None, _session.CheckAtEnd(null));
    }

    [Fact]
    public void An_acknowledged_addition_that_is_missing_is_lost()
    {
        Do(Request.Add, 1);

        Assert.Equal(Violation.Lost, Do(Request.Add, 1));
        Assert.Equal(Violation.Lost, _session.CheckAtEnd(1));
    }

    [Fact]
    public void A_session_that_is_missing_without_a_log_out_is_lost() => Assert.Equal(Violation.Lost, _session.CheckAtEnd(null));

    [Fact]
    public void A_session_that_its_log_out_does_not_find_is_lost() => Assert.Equal(Violation.Lost, Do(Request.LogOut, null));

    [Fact]
    public void A_session_that_is_there_after_its_log_out_is_resurrected()
    {
        Do(Request.LogOut, 0);

        Assert.Equal(Violation.Resurrected, _session.CheckAtEnd(0));
    }

    [Fact]
    public void A_log_out_whose_result_is_unknown_may_have_happened_or_not()
    {
        _session.Begin(Request.LogOut);

        Assert.Equal(Violation.None, _session.CheckAtEnd(0));
        Assert.Equal(Violation.None, _session.CheckAtEnd(null));
    }

    [Fact]
    public void An_addition_whose_result_is_unknown_may_have_happened_once()
    {
        Do(Request.Add, 1);
        _session.Begin(Request.Add);

        Assert.Equal(Violation.None, _session.CheckAtEnd(1));
        Assert.Equal(Violation.None, _session.CheckAtEnd(2));
        Assert.Equal(Violation.Doubled, _session.CheckAtEnd(3));
    }

    [Fact]
    public void A_read_that_began_before_an_addition_need_not_see_it()
    {
        var before = _session.Begin(Request.Read);
        Do(Request.Add, 1);

        Assert.Equal(Violation.None, _session.Check(Request.Read, before, 0));
    }

    private Violation Do(Request request, int? seen) => _session.Check(request, _session.Begin(request), seen);
}
