namespace SessionStores.Conformance.Suites;

/// <content>What one node has learned does not hide from it what another node does afterwards.</content>
internal sealed partial class LifecycleSuite
{
    [Clause("L4", "L5", "L7", "L10", Needs = StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_sees_a_session_that_was_absent_before() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var (created, set, rotated) = (NewId(), NewId(), NewId());
        foreach (var id in new[] { created, set, rotated })
        {
            Expect.Null(await there.GetAsync(id), "a session that was not written yet");
            Expect.True(!await there.TouchAsync(id, Later), "touch of a session that was not written yet returns false");
        }

        await here.CreateAsync(created, Content("created"));
        await HasAsync(there, created, "created");
        await here.SetAsync(set, Content("set"));
        await HasAsync(there, set, "set");
        await here.RotateAsync(created, rotated, SessionVersion.Any, Content("rotated"));
        await HasAsync(there, rotated, "rotated");
        Expect.Null(await there.GetAsync(created), "the session under its old id");

        await here.DestroyAsync(set);
        Expect.Null(await there.GetAsync(set), "the session after its destroy");
        await here.CreateAsync(set, Content("again"));
        await HasAsync(there, set, "again");
    });

    [Clause("L4", "L3", Needs = StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_sees_a_slide_that_returned() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();
        var record = await StoredAsync(here, id, Content());
        await HasAsync(there, id, "one");
        var later = Round(record.ExpiresAt.AddHours(1));

        Expect.Equal(later, Expect.Found(await here.GetAsync(id, new SlidingExpiry(AlwaysDue, later))).ExpiresAt, "the expiry that the slide returns");
        Expect.Equal(later, Expect.Found(await there.GetAsync(id)).ExpiresAt, "the expiry that the other store returns after the slide");
    });
}
