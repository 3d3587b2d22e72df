namespace SessionStores.Conformance.Suites;

/// <content>The index of subjects follows each way to write.</content>
internal sealed partial class SubjectSuite
{
    [Clause("L14", "L6", "L7", "L10", Needs = StoreCapabilities.Subjects)]
    public Task The_same_payload_can_change_its_subject_on_every_path() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        foreach (var (from, to) in new (string?, string?)[] { ("alice", "bob"), ("alice", null), (null, "bob"), ("alice", "Alice") })
        {
            foreach (var path in new[] { "set", "replace", "rotate" })
            {
                var (id, newId) = (NewId(), NewId());
                var version = (await store.CreateAsync(id, Content("same", null, from))).Version;
                var content = Content("same", null, to);
                if (path == "set")
                    await store.SetAsync(id, content);
                else if (path == "replace")
                    Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, version, content)).Status, "the status of a replace with another subject");
                else
                    Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, version, content)).Status, "the status of a rotation with another subject");

                var now = path == "rotate" ? newId : id;
                Expect.Equal(to, (await HasAsync(store, now, "same")).Subject, $"the subject after a {path} from {from ?? "none"} to {to ?? "none"}");
                if (from is not null)
                    await ListsAsync(subjects, from);

                if (to is not null)
                    await ListsAsync(subjects, to, now);

                await store.DestroyAsync(now);
            }
        }
    });
}
