using Xunit;

namespace SessionStores.Conformance;

/// <summary>Ids are opaque text: nothing in them is a command, a pattern or a path.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class IdentifierSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Identifier")
{
    [Fact]
    public Task A_missing_id_is_refused() => RunAsync();

    [Fact]
    public Task An_empty_id_is_refused() => RunAsync();

    [Fact]
    public Task An_id_over_the_limit_is_refused() => RunAsync();

    [Fact]
    public Task An_id_with_a_control_character_is_refused() => RunAsync();

    [Fact]
    public Task An_id_with_half_a_surrogate_pair_is_refused() => RunAsync();

    [Fact]
    public Task A_refusal_does_not_repeat_the_id() => RunAsync();

    [Fact]
    public Task The_longest_id_is_kept() => RunAsync();

    [Fact]
    public Task The_longest_id_of_wide_characters_is_kept() => RunAsync();

    [Fact]
    public Task The_shortest_ids_are_kept() => RunAsync();

    [Fact]
    public Task Ids_that_differ_by_case_are_different() => RunAsync();

    [Fact]
    public Task Ids_that_look_alike_are_different() => RunAsync();

    [Fact]
    public Task Ids_that_differ_by_spaces_are_different() => RunAsync();

    [Fact]
    public Task Ids_that_begin_alike_are_different() => RunAsync();

    [Fact]
    public Task Ids_with_pattern_characters_stand_for_themselves() => RunAsync();

    [Fact]
    public Task Ids_with_SQL_in_them_stand_for_themselves() => RunAsync();

    [Fact]
    public Task Ids_with_queries_of_a_document_database_in_them_stand_for_themselves() => RunAsync();

    [Fact]
    public Task Ids_with_commands_of_a_key_value_server_in_them_stand_for_themselves() => RunAsync();

    [Fact]
    public Task Ids_that_look_like_paths_stand_for_themselves() => RunAsync();

    [Fact]
    public Task Ids_that_look_like_numbers_or_other_values_are_text() => RunAsync();

    [Fact]
    public Task Ids_of_any_script_are_kept() => RunAsync();

    [Fact]
    public Task An_id_comes_back_as_it_was_given() => RunAsync();

    [Fact]
    public Task The_new_id_of_a_rotation_is_checked_too() => RunAsync();
}
