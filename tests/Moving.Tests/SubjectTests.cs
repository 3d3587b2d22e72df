namespace SessionStores.Moving.Tests;

/// <summary>The end of all sessions of a subject, interrupted at every step of it and of a move.</summary>
public sealed class SubjectTests
{
    [Fact]
    public async Task A_session_that_moves_at_any_step_of_a_log_out_everywhere_ends() => IsNull(await SubjectScenarios.DestroysAsync(null));

    [Fact]
    public async Task A_session_that_moves_at_any_step_of_an_epoch_is_void() => IsNull(await SubjectScenarios.VoidsAsync(null));

    [Fact]
    public async Task A_node_that_dies_at_any_step_of_an_epoch_leaves_what_the_next_one_ends() => IsNull(await SubjectScenarios.DiesWhileItVoidsAsync(null));

    [Fact]
    public async Task A_session_on_its_way_is_neither_listed_nor_counted_by_its_subject()
    {
        var sides = await Sides.StartAsync();
        var steps = new Steps { HeldBefore = 4 }; // it has read the new side and the old one, and reserved
        var move = sides.Node(steps).GetAsync(Sides.Id).AsTask();
        await steps.Reached;

        Assert.Equal(1, await sides.New.LengthAsync());
        Assert.Equal(0, await sides.New.CountBySubjectAsync(Sides.Subject));
        Assert.Equal(SessionWriteStatus.Written, (await sides.Node().CreateAsync("new", Sides.Content("new"), SessionCap.Refuse(2))).Status);
        steps.Release();
        await move;
        Assert.Equal(2, await sides.New.CountBySubjectAsync(Sides.Subject));
    }

    private static void IsNull(string? problem) => Assert.True(problem is null, problem);
}
