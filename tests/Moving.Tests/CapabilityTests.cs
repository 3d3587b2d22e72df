using System.Text;
using SessionStores.Memory;

namespace SessionStores.Moving.Tests;

/// <summary>What a moving store offers beside the operations: caps, what rotated ids became, and expired sessions.</summary>
public sealed class CapabilityTests
{
    [Fact]
    public async Task A_cap_counts_the_sessions_of_both_sides_at_every_step_of_two_log_ins() => Assert.Null(await CapabilityScenarios.LogInsAsync(null));

    [Fact]
    public async Task What_a_rotated_id_became_is_found_on_either_side() => Assert.Null(await CapabilityScenarios.RotatedAsync(null));

    [Fact]
    public async Task An_expired_session_is_claimed_once_though_a_node_died_while_it_moved() => Assert.Null(await CapabilityScenarios.ExpiresAsync(null));

    [Fact]
    public async Task A_node_that_prepares_counts_what_has_moved()
    {
        var sides = await Sides.StartAsync();
        await sides.Node().GetAsync(Sides.Id);
        await sides.Old.CreateAsync("other", Sides.Content("other"));

        Assert.Equal(SessionWriteStatus.Full, (await sides.PreparingNode().CreateAsync("new", Sides.Content("new"), SessionCap.Refuse(2))).Status);
        Assert.Equal(SessionWriteStatus.Written, (await sides.PreparingNode().CreateAsync("new", Sides.Content("new"), SessionCap.Refuse(3))).Status);
        Assert.Equal(3, await sides.New.CountBySubjectAsync(Sides.Subject));
    }

    [Fact]
    public async Task A_node_that_prepares_leaves_a_user_on_the_old_side_of_whom_nothing_has_moved()
    {
        var sides = await Sides.StartAsync();
        await sides.Old.CreateAsync("anonymous", new SessionContent("{}"u8.ToArray(), Sides.Life));

        Assert.Equal(SessionWriteStatus.Full, (await sides.PreparingNode().CreateAsync("new", Sides.Content("new"), SessionCap.Refuse(1))).Status);
        Assert.Equal(SessionWriteStatus.Full, (await sides.PreparingNode().ReplaceAsync("anonymous", SessionVersion.Any, Sides.Content("new"), SessionCap.Refuse(1))).Status);
        Assert.Equal(SessionWriteStatus.Written, (await sides.PreparingNode().RotateAsync("anonymous", "new", SessionVersion.Any, Sides.Content("new"), SessionCap.Refuse(2))).Status);
        Assert.Equal(0, await sides.New.LengthAsync());
    }

    [Fact]
    public async Task Sessions_that_move_for_a_log_in_end_in_the_order_in_which_they_got_their_subject()
    {
        var sides = new Sides();
        foreach (var (id, created) in new[] { ("b", 2000), ("d", 4000), ("a", 1000), ("c", 3000) })
            await sides.Old.CreateAsync(id, new SessionContent(Encoding.UTF8.GetBytes($$"""{"mark":"{{id}}","__created":{{created}}}"""), Sides.Life, Sides.Subject));

        await sides.Node().CreateAsync("e", Sides.Content("e"), SessionCap.EndOldest(3));

        Assert.Equal(["c", "d", "e"], (await sides.ListAsync()).Select(each => each.Id).Order());
    }

    [Fact]
    public async Task A_log_out_leaves_nothing_to_claim()
    {
        var sides = await Sides.StartAsync();
        await sides.Node().ClaimExpiredAsync(1, TimeSpan.FromHours(1));
        await sides.Node().DestroyAsync(Sides.Id);
        sides.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Empty(await sides.Node().ClaimExpiredAsync(10, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_capability_is_offered_where_both_sides_offer_it()
    {
        ISessionStore both = new MovingStore(new MemoryStore(), new MemoryStore());
        ISessionStore one = new MovingStore(new CoreStore(new MemoryStore()), new MemoryStore());

        Assert.Same(both, both.GetCapability<ISessionCaps>());
        Assert.Same(both, both.GetCapability<ISessionEpochs>());
        Assert.Same(both, both.GetCapability<ISessionExpirations>());
        Assert.Same(both, both.GetCapability<ISessionSuccessors>());
        Assert.Null(one.GetCapability<ISessionCaps>());
        Assert.Null(one.GetCapability<ISessionEpochs>());
        Assert.Null(one.GetCapability<ISessionExpirations>());
        Assert.Null(one.GetCapability<ISessionSuccessors>());
    }

    private sealed class CoreStore(ISessionStore inner) : ForwardingStore(inner)
    {
        public override TCapability? GetCapability<TCapability>()
            where TCapability : class => null;
    }
}
