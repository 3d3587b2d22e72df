namespace SessionStores.Moving.Tests;

/// <summary>Every operation, interrupted at every step of a move.</summary>
public sealed class ScenarioTests
{
    [Fact]
    public async Task A_node_that_dies_at_any_step_loses_and_doubles_nothing() => Assert.Null(await Scenarios.NodeDiesAsync(null));

    [Fact]
    public async Task A_session_that_ends_while_a_node_is_at_any_step_does_not_come_back() => Assert.Null(await Scenarios.SessionEndsWhileHeldAsync(null));

    [Fact]
    public async Task A_session_that_ends_by_a_former_id_while_a_node_is_at_any_step_does_not_come_back() => Assert.Null(await Scenarios.SessionEndsByFormerIdWhileHeldAsync(null));

    [Fact]
    public async Task A_session_that_is_created_and_moved_while_a_destroy_looks_for_it_does_not_come_back() => Assert.Null(await Scenarios.SessionComesWhileDestroyIsHeldAsync(null));

    [Fact]
    public async Task A_change_that_is_made_while_a_node_is_at_any_step_is_not_lost() => Assert.Null(await Scenarios.SessionChangesWhileHeldAsync(null));

    [Fact]
    public async Task A_session_that_is_rotated_while_a_node_is_at_any_step_is_there_once() => Assert.Null(await Scenarios.SessionIsRotatedWhileHeldAsync(null));
}
