using Xunit;

namespace SessionStores.Conformance;

/// <summary>A payload comes back byte for byte, or is refused.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class PayloadSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Payload")
{
    [Fact]
    public Task The_empty_object_is_kept() => RunAsync();

    [Fact]
    public Task White_space_is_kept() => RunAsync();

    [Fact]
    public Task The_order_of_members_is_kept() => RunAsync();

    [Fact]
    public Task Duplicate_members_are_kept() => RunAsync();

    [Fact]
    public Task Members_that_nobody_knows_are_kept() => RunAsync();

    [Fact]
    public Task Member_names_that_mean_something_to_a_server_are_kept() => RunAsync();

    [Fact]
    public Task Numbers_are_kept_as_they_were_written() => RunAsync();

    [Fact]
    public Task Escapes_are_kept_as_they_were_written() => RunAsync();

    [Fact]
    public Task Strings_with_NUL_escapes_are_kept() => RunAsync();

    [Fact]
    public Task Every_character_of_the_basic_plane_is_kept() => RunAsync();

    [Fact]
    public Task Characters_of_the_other_planes_are_kept() => RunAsync();

    [Fact]
    public Task Text_is_not_normalized() => RunAsync();

    [Fact]
    public Task Nesting_is_kept_up_to_the_limit() => RunAsync();

    [Fact]
    public Task Nesting_over_the_limit_is_refused() => RunAsync();

    [Fact]
    public Task Payloads_of_many_sizes_are_kept() => RunAsync();

    [Fact]
    public Task A_payload_that_does_not_compress_is_kept() => RunAsync();

    [Fact]
    public Task A_payload_of_exactly_the_default_limit_is_kept() => RunAsync();

    [Fact]
    public Task A_payload_over_the_limit_is_refused_with_size_and_limit() => RunAsync();

    [Fact]
    public Task A_refused_payload_leaves_the_session_as_it_was() => RunAsync();

    [Fact]
    public Task What_is_not_a_json_object_is_refused() => RunAsync();

    [Fact]
    public Task What_is_not_UTF8_is_refused() => RunAsync();

    [Fact]
    public Task The_reserved_member_for_the_subject_is_refused() => RunAsync();

    [Fact]
    public Task An_invalid_subject_is_refused() => RunAsync();

    [Fact]
    public Task A_saved_payload_is_not_aliased() => RunAsync();

    [Fact]
    public Task A_record_that_was_read_does_not_change_when_the_session_does() => RunAsync();

    [Fact]
    public Task A_payload_in_the_middle_of_a_buffer_is_written_alone() => RunAsync();
}
