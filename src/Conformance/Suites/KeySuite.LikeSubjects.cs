namespace SessionStores.Conformance.Suites;

/// <content>What holds of subjects holds of keys: the cases of subjects, run on a store whose subjects are the keys of the store under test.</content>
internal sealed partial class KeySuite
{
    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task The_sessions_of_a_key_are_listed() => RunAsync<SubjectSuite>(static suite => suite.The_sessions_of_a_subject_are_listed());

    [Clause("L24", "L2", Needs = StoreCapabilities.Keys)]
    public Task Sessions_listed_by_key_are_those_that_get_returns() => RunAsync<SubjectSuite>(static suite => suite.Sessions_listed_by_subject_are_those_that_get_returns());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task A_key_without_sessions_lists_nothing() => RunAsync<SubjectSuite>(static suite => suite.A_subject_without_sessions_lists_nothing());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task The_index_follows_a_replace() => RunAsync<SubjectSuite>(static suite => suite.The_index_follows_a_replace());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task The_index_follows_a_set() => RunAsync<SubjectSuite>(static suite => suite.The_index_follows_a_set());

    [Clause("L24", "L10", Needs = StoreCapabilities.Keys)]
    public Task The_index_follows_a_rotation() => RunAsync<SubjectSuite>(static suite => suite.The_index_follows_a_rotation());

    [Clause("L24", "L8", Needs = StoreCapabilities.Keys)]
    public Task A_session_that_was_touched_stays_listed_past_its_first_expiry() => RunAsync<SubjectSuite>(static suite => suite.A_session_that_was_touched_stays_listed_past_its_first_expiry());

    [Clause("L24", "L9", Needs = StoreCapabilities.Keys)]
    public Task A_destroyed_session_is_not_listed() => RunAsync<SubjectSuite>(static suite => suite.A_destroyed_session_is_not_listed());

    [Clause("L24", "L1", Needs = StoreCapabilities.Keys)]
    public Task An_expired_session_is_neither_listed_nor_counted_as_destroyed() => RunAsync<SubjectSuite>(static suite => suite.An_expired_session_is_neither_listed_nor_counted_as_destroyed());

    [Clause("L24", "L5", Needs = StoreCapabilities.Keys)]
    public Task An_id_that_was_taken_anew_is_not_listed_for_its_old_key() => RunAsync<SubjectSuite>(static suite => suite.An_id_that_was_taken_anew_is_not_listed_for_its_old_subject());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task Destroy_by_key_ends_all_its_sessions_and_no_other() => RunAsync<SubjectSuite>(static suite => suite.Destroy_by_subject_ends_all_its_sessions_and_no_other());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task Destroy_by_key_can_keep_one() => RunAsync<SubjectSuite>(static suite => suite.Destroy_by_subject_can_keep_one());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task Keeping_a_session_that_is_not_the_keys_destroys_all() => RunAsync<SubjectSuite>(static suite => suite.Keeping_a_session_that_is_not_the_subjects_destroys_all());

    [Clause("L24", "L9", Needs = StoreCapabilities.Keys)]
    public Task A_session_destroyed_by_key_does_not_come_back() => RunAsync<SubjectSuite>(static suite => suite.A_session_destroyed_by_subject_does_not_come_back());

    [Clause("L24", "L16", Needs = StoreCapabilities.Keys)]
    public Task Keys_are_taken_literally() => RunAsync<SubjectSuite>(static suite => suite.Subjects_are_taken_literally());

    [Clause("L24", "L16", Needs = StoreCapabilities.Keys)]
    public Task Invalid_keys_and_ids_are_refused() => RunAsync<SubjectSuite>(static suite => suite.Invalid_subjects_and_ids_are_refused());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task A_key_can_have_many_sessions() => RunAsync<SubjectSuite>(static suite => suite.A_subject_can_have_many_sessions());

    [Clause("L24", Needs = StoreCapabilities.Keys | StoreCapabilities.StoredCount)]
    public Task Nothing_is_left_of_a_key_whose_sessions_were_destroyed() => RunAsync<SubjectSuite>(static suite => suite.Nothing_is_left_of_a_subject_whose_sessions_were_destroyed());

    [Clause("L24", Needs = StoreCapabilities.Keys | StoreCapabilities.StoredCount)]
    public Task A_session_that_moves_between_keys_leaves_nothing_behind() => RunAsync<SubjectSuite>(static suite => suite.A_session_that_moves_between_subjects_leaves_nothing_behind());

    [Clause("L24", "L15", "L1", Needs = StoreCapabilities.Keys | StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Nothing_is_left_of_a_key_whose_sessions_expired_once_pruned() => RunAsync<SubjectSuite>(static suite => suite.Nothing_is_left_of_a_subject_whose_sessions_expired_once_pruned());

    [Clause("L24", "L12", Needs = StoreCapabilities.Keys, Race = true)]
    public Task Of_many_destroys_by_key_each_session_is_counted_once() => RunAsync<SubjectSuite>(static suite => suite.Of_many_destroys_by_subject_each_session_is_counted_once());

    [Clause("L24", "L12", Needs = StoreCapabilities.Keys, Race = true)]
    public Task A_sign_in_that_meets_a_destroy_by_key_is_either_listed_or_destroyed() => RunAsync<SubjectSuite>(static suite => suite.A_sign_in_that_meets_a_destroy_by_subject_is_either_listed_or_destroyed());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task Pages_of_any_size_list_each_session_once() => RunAsync<SubjectSuite>(static suite => suite.Pages_of_any_size_list_each_session_once());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task Pages_list_more_than_a_thousand_sessions_once_each() => RunAsync<SubjectSuite>(static suite => suite.Pages_list_more_than_a_thousand_sessions_once_each());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task A_session_that_stays_is_on_one_page_while_others_come_and_go() => RunAsync<SubjectSuite>(static suite => suite.A_session_that_stays_is_on_one_page_while_others_come_and_go());

    [Clause("L24", Needs = StoreCapabilities.Keys | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_continues_a_listing() => RunAsync<SubjectSuite>(static suite => suite.Another_store_on_the_same_data_continues_a_listing());

    [Clause("L24", "L16", Needs = StoreCapabilities.Keys)]
    public Task A_continuation_of_another_key_and_a_size_out_of_range_are_refused() => RunAsync<SubjectSuite>(static suite => suite.A_continuation_of_another_subject_and_a_size_out_of_range_are_refused());

    [Clause("L24", "L1", "L9", Needs = StoreCapabilities.Keys)]
    public Task Only_live_sessions_of_the_key_are_counted() => RunAsync<SubjectSuite>(static suite => suite.Only_live_sessions_of_the_subject_are_counted());

    [Clause("L24", "L2", Needs = StoreCapabilities.Keys)]
    public Task A_page_without_payloads_has_everything_else() => RunAsync<SubjectSuite>(static suite => suite.A_page_without_payloads_has_everything_else());

    [Clause("L24", "L6", "L7", "L10", Needs = StoreCapabilities.Keys)]
    public Task The_same_payload_can_change_its_key_on_every_path() => RunAsync<SubjectSuite>(static suite => suite.The_same_payload_can_change_its_subject_on_every_path());

    [Clause("L24", "L16", Needs = StoreCapabilities.Keys)]
    public Task Pages_of_sessions_whose_ids_look_alike_list_each_once() => RunAsync<SubjectSuite>(static suite => suite.Pages_of_sessions_whose_ids_look_alike_list_each_once());

    [Clause("L24", "L3", "L6", "L7", "L8", Needs = StoreCapabilities.Keys)]
    public Task A_session_that_is_written_between_two_pages_is_listed_once() => RunAsync<SubjectSuite>(static suite => suite.A_session_that_is_written_between_two_pages_is_listed_once());

    [Clause("L24", "L19", Needs = StoreCapabilities.Keys | StoreCapabilities.UnreadableRecords)]
    public Task A_page_of_records_that_cannot_be_read_ends_no_listing() => RunAsync<SubjectSuite>(static suite => suite.A_page_of_records_that_cannot_be_read_ends_no_listing());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task Destroy_by_key_can_keep_several() => RunAsync<SubjectSuite>(static suite => suite.Destroy_by_subject_can_keep_several());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task An_empty_list_of_ids_keeps_none() => RunAsync<SubjectSuite>(static suite => suite.An_empty_list_of_ids_keeps_none());

    [Clause("L24", "L16", Needs = StoreCapabilities.Keys)]
    public Task Ids_to_keep_are_compared_ordinally() => RunAsync<SubjectSuite>(static suite => suite.Ids_to_keep_are_compared_ordinally());

    [Clause("L24", "L4", Needs = StoreCapabilities.Keys | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_lists_what_was_written() => RunAsync<SubjectSuite>(static suite => suite.Another_store_on_the_same_data_lists_what_was_written());

    [Clause("L24", "L4", "L9", "L10", Needs = StoreCapabilities.Keys | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_ends_what_was_written() => RunAsync<SubjectSuite>(static suite => suite.Another_store_on_the_same_data_ends_what_was_written());

    [Clause("L24", "L9", Needs = StoreCapabilities.Keys)]
    public Task A_session_that_was_just_read_is_over_when_those_of_its_key_are() => RunAsync<SubjectSuite>(static suite => suite.A_session_that_was_just_read_is_over_when_those_of_its_subject_are());

    [Clause("L24", "L1", "L7", "L10", Needs = StoreCapabilities.Keys)]
    public Task Writes_over_an_expired_session_take_its_id_from_its_key() => RunAsync<SubjectSuite>(static suite => suite.Writes_over_an_expired_session_take_its_id_from_its_subject());

    [Clause("L24", "L9", "L10", Needs = StoreCapabilities.Keys | StoreCapabilities.StoredCount)]
    public Task Nothing_is_left_of_a_key_when_a_rotated_id_was_destroyed() => RunAsync<SubjectSuite>(static suite => suite.Nothing_is_left_of_a_subject_when_a_rotated_id_was_destroyed());

    [Clause("L24", "L19", Needs = StoreCapabilities.Keys | StoreCapabilities.UnreadableRecords)]
    public Task A_record_that_cannot_be_read_stops_no_work_by_key() => RunAsync<SubjectSuite>(static suite => suite.A_record_that_cannot_be_read_stops_no_work_by_subject());

    [Clause("L24", "L9", "L12", Needs = StoreCapabilities.Keys, Race = true)]
    public Task Destroy_by_key_against_replace_and_touch() => RunAsync<ResurrectionSuite>(static suite => suite.Destroy_by_subject_against_replace_and_touch());

    [Clause("L24", "L12", Needs = StoreCapabilities.Keys, Race = true)]
    public Task Destroy_by_key_spares_a_session_that_has_moved_to_another_key() => RunAsync<ResurrectionSuite>(static suite => suite.Destroy_by_subject_spares_a_session_that_has_moved_to_another_subject());

    [Clause("L24", "L10", Needs = StoreCapabilities.Keys)]
    public Task Links_are_not_listed_for_a_key() => RunAsync<RotationSuite>(static suite => suite.Links_are_not_listed_for_a_subject());

    [Clause("L24", "L9", "L10", Needs = StoreCapabilities.Keys, Race = true)]
    public Task Destroy_by_key_against_rotations() => RunAsync<RotationSuite>(static suite => suite.Destroy_by_subject_against_rotations());

    [Clause("L24", "L10", Needs = StoreCapabilities.Keys)]
    public Task An_id_to_keep_includes_what_it_became() => RunAsync<RotationSuite>(static suite => suite.An_id_to_keep_includes_what_it_became());

    [Clause("L24", "L10", Needs = StoreCapabilities.Keys | StoreCapabilities.Clock)]
    public Task An_id_to_keep_includes_nothing_that_it_became_more_than_five_minutes_ago() => RunAsync<RotationSuite>(static suite => suite.An_id_to_keep_includes_nothing_that_it_became_more_than_five_minutes_ago());

    [Clause("L24", "L6", Needs = StoreCapabilities.Keys)]
    public Task A_change_of_only_the_key_is_a_conflict() => RunAsync<VersionSuite>(static suite => suite.A_change_of_only_the_subject_is_a_conflict());

    [Clause("L24", "L6", Needs = StoreCapabilities.Keys)]
    public Task A_key_that_was_added_is_a_conflict() => RunAsync<VersionSuite>(static suite => suite.A_subject_that_was_added_is_a_conflict());

    [Clause("L24", "L6", "L10", Needs = StoreCapabilities.Keys)]
    public Task Payload_and_key_are_told_apart() => RunAsync<VersionSuite>(static suite => suite.Payload_and_subject_are_told_apart());

    [Clause("L24", "L6", Needs = StoreCapabilities.Keys)]
    public Task The_key_counts_as_it_is_written() => RunAsync<VersionSuite>(static suite => suite.The_subject_counts_as_it_is_written());

    [Clause("L24", "L18", Needs = StoreCapabilities.Keys)]
    public Task Cancelled_work_by_key_throws_and_changes_nothing() => RunAsync<CancellationSuite>(static suite => suite.Cancelled_work_by_subject_throws_and_changes_nothing());

    [Clause("L24", "L13", Needs = StoreCapabilities.Enumeration | StoreCapabilities.Keys)]
    public Task Clear_empties_the_index_of_keys_too() => RunAsync<EnumerationSuite>(static suite => suite.Clear_empties_the_index_of_subjects_too());

    [Clause("L24", Needs = StoreCapabilities.Keys)]
    public Task A_key_has_its_sessions_in_each_namespace() => RunAsync<IsolationSuite>(static suite => suite.A_subject_has_its_sessions_in_each_namespace());

    [Clause("L24", "L2", Needs = StoreCapabilities.Keys)]
    public Task What_remains_is_returned_by_a_listing_of_a_key() => RunAsync<ExpirySuite>(static suite => suite.What_remains_is_returned_by_a_listing_of_a_subject());

    private Task RunAsync<TSuite>(Func<TSuite, Task> body)
        where TSuite : ConformanceSuite
    {
        Context.Wrap = static store => new KeyedStore(store);
        var suite = (TSuite)Activator.CreateInstance(typeof(TSuite), Fixture)!;
        suite.Attach(Context);
        return body(suite);
    }
}
