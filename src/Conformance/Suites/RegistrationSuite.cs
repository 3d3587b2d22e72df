using Xunit;

namespace SessionStores.Conformance;

/// <summary>A store is registered with one call that checks its options and does no I/O.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class RegistrationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Registration")
{
    [Fact]
    public Task A_registered_store_works() => RunAsync();

    [Fact]
    public Task Registration_names_the_store_once_and_answers_the_builder() => RunAsync();

    [Fact]
    public Task A_missing_builder_is_refused() => RunAsync();

    [Fact]
    public Task The_store_is_made_when_it_is_asked_for_and_anew_each_time() => RunAsync();

    [Fact]
    public Task Invalid_options_are_refused_at_once() => RunAsync();

    [Fact]
    public Task Registration_and_construction_do_no_IO() => RunAsync();

    [Fact]
    public Task Arguments_are_checked_before_any_IO() => RunAsync();
}
