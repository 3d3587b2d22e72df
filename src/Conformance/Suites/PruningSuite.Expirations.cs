namespace SessionStores.Conformance.Suites;

/// <content>Expired sessions that are claimed: each once, again only after its lease, and none that did not expire.</content>
internal sealed partial class PruningSuite
{
    private static readonly TimeSpan LongLease = TimeSpan.FromHours(1);

    [Clause("L15", Needs = StoreCapabilities.Expirations)]
    public Task An_expired_session_is_claimed_with_its_content_and_not_again() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        await expirations.ClaimExpiredAsync(1, LongLease);
        var (id, other) = (NewId(), NewId());
        var soon = Soon();
        await store.CreateAsync(id, Content("mine", soon, "alice"));
        await store.CreateAsync(other, Content("other", soon));
        await Context.PassAsync(soon);

        var claimed = await ClaimAllAsync(expirations);

        Expect.Equal(2, claimed.Count, "the number of sessions claimed");
        var mine = claimed.Single(each => each.Session.Id == id);
        Expect.Bytes(Payload("mine"), mine.Session.Payload);
        Expect.Equal("alice", mine.Session.Subject, "the subject");
        Expect.Equal(soon, mine.Session.ExpiresAt, "the expiry");
        Expect.Equal(1, mine.Claims, "how often it was claimed");
        Expect.Null(claimed.Single(each => each.Session.Id == other).Session.Subject, "the subject of a session without one");
        Expect.Equal(0, (await ClaimAllAsync(expirations)).Count, "the number of sessions claimed a second time");
        await expirations.ConfirmExpiredAsync(claimed);
        Expect.Equal(0, (await ClaimAllAsync(expirations)).Count, "the number of sessions claimed after the confirmation");
    });

    [Clause("L15", Needs = StoreCapabilities.Expirations)]
    public Task What_lives_or_ended_before_its_expiry_is_not_claimed() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        await expirations.ClaimExpiredAsync(1, LongLease);
        var rotated = "";
        var first = await BeforeAsync(async end =>
        {
            var ids = NewIds(8);
            foreach (var id in ids)
                await store.CreateAsync(id, Content("before", id == ids[7] ? null : end, "alice"));

            rotated = NewId();
            await store.DestroyAsync(ids[0]);
            await store.TouchAsync(ids[1], Later);
            await store.GetAsync(ids[2], new SlidingExpiry(TimeSpan.FromDays(1), Later));
            await store.ReplaceAsync(ids[3], SessionVersion.Any, Content("replaced"));
            await store.SetAsync(ids[4], Content("set", SessionExpiry.Never));
            await store.RotateAsync(ids[5], NewId(), SessionVersion.Any, Content("rotated"));
            await store.RotateAsync(ids[6], rotated, SessionVersion.Any, Content("rotated", end));
        });
        await Context.PassAsync(first);

        // Steps that were repeated, because they took too long, have left sessions that have expired too.
        var claimed = (await ClaimAllAsync(expirations)).Where(each => each.Session.ExpiresAt == first).ToList();

        Expect.Equal(rotated, string.Join(' ', claimed.Select(each => each.Session.Id)), "the sessions claimed, of which only one expired");
    });

    [Clause("L15", Needs = StoreCapabilities.Expirations)]
    public Task A_claim_that_is_not_confirmed_is_made_again_after_its_lease() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        var (lost, kept) = await ClaimTwoAsync(store, expirations, TimeSpan.FromSeconds(1));
        await expirations.ConfirmExpiredAsync([kept]);
        await Context.PassAsync(Round(Context.Now + TimeSpan.FromSeconds(1)) + Fixture.ExpiryResolution);

        var again = await ClaimAllAsync(expirations);

        Expect.Equal(lost.Session.Id, string.Join(' ', again.Select(each => each.Session.Id)), "the sessions claimed after the lease, of which one was confirmed");
        Expect.Equal(2, again[0].Claims, "how often it was claimed");
        Expect.Bytes(lost.Session.Payload, again[0].Session.Payload);
        Expect.Equal((lost.Session.ExpiresAt, lost.Session.Subject), (again[0].Session.ExpiresAt, again[0].Session.Subject), "expiry and subject");
    });

    [Clause("L15", Needs = StoreCapabilities.Expirations)]
    public Task A_late_confirmation_does_not_end_the_claim_of_another() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        var (late, _) = await ClaimTwoAsync(store, expirations, TimeSpan.FromSeconds(1));
        var lease = TimeSpan.FromSeconds(1);
        await Context.PassAsync(Round(Context.Now + lease) + Fixture.ExpiryResolution);
        Expect.Equal(2, (await ClaimAllAsync(expirations, lease)).Count, "the number of sessions claimed after the lease");

        await expirations.ConfirmExpiredAsync([late]);
        await Context.PassAsync(Round(Context.Now + lease) + Fixture.ExpiryResolution);

        Expect.True((await ClaimAllAsync(expirations)).Any(each => each.Session.Id == late.Session.Id), "a session whose newer claim was not confirmed is claimed again");
    });

    [Clause("L15", "L1", "L5", Needs = StoreCapabilities.Expirations)]
    public Task A_claimed_session_is_gone_and_its_id_is_free() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        var (first, _) = await ClaimTwoAsync(store, expirations, LongLease);
        var id = first.Session.Id;

        Expect.Null(await store.GetAsync(id), "the claimed session");
        Expect.True(!await store.TouchAsync(id, Later), "touch of a claimed session returns false");
        if (store.GetCapability<ISessionEnumeration>() is { } enumeration)
        {
            Expect.Equal(0, (await ListAsync(enumeration.AllAsync())).Count, "the number of sessions listed");
            Expect.Equal(0L, await enumeration.LengthAsync(), "the number of sessions counted");
        }

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
        {
            Expect.Equal(0, (await ListAsync(subjects.ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject");
            Expect.Equal(0L, await subjects.CountBySubjectAsync("alice"), "the number of sessions of the subject that are counted");
            Expect.Equal(0L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions of the subject that were destroyed");
        }

        Expect.True(!await store.DestroyAsync(id), "destroy of a claimed session returns false");
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content("new"))).Status, "create under the id of a claimed session");
        await expirations.ConfirmExpiredAsync([first]);
        await HasAsync(store, id, "new");
    });

    [Clause("L15", Needs = StoreCapabilities.Expirations)]
    public Task One_confirmation_removes_all_of_its_sessions() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        var (first, second) = await ClaimTwoAsync(store, expirations, TimeSpan.FromSeconds(1));

        await expirations.ConfirmExpiredAsync([first, second]);
        await Context.PassAsync(Round(Context.Now + TimeSpan.FromSeconds(1)) + Fixture.ExpiryResolution);

        Expect.Equal(0, (await ClaimAllAsync(expirations)).Count, "the number of sessions claimed after both were confirmed in one call and their lease is over");
    });

    [Clause("L15", Needs = StoreCapabilities.Expirations)]
    public Task A_claim_of_old_and_new_sessions_has_at_most_its_size() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        await ClaimTwoAsync(store, expirations, TimeSpan.FromSeconds(1));
        var soon = Round(Context.Now + TimeSpan.FromSeconds(1)) + Fixture.ExpiryResolution;
        await CreateManyAsync(store, NewIds(3), Content("later", soon));
        await Context.PassAsync(soon);

        // The size is checked for each claim.
        var claimed = await ClaimAllAsync(expirations, size: 2);

        Expect.Equal("1 1 1 2 2", string.Join(' ', claimed.Select(each => each.Claims).Order()), "how often each session was claimed, two of which were claimed before");
    });

    [Clause("L15", "L13", Needs = StoreCapabilities.Expirations | StoreCapabilities.Enumeration)]
    public Task Clear_ends_claims() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        await ClaimTwoAsync(store, expirations, TimeSpan.FromSeconds(1));

        await store.Require<ISessionEnumeration>().ClearAsync();
        await Context.PassAsync(Round(Context.Now + TimeSpan.FromSeconds(1)) + Fixture.ExpiryResolution);

        Expect.Equal(0, (await ClaimAllAsync(expirations)).Count, "the number of sessions claimed after a clear");
    });

    [Clause("L15", "L1", Needs = StoreCapabilities.Expirations | StoreCapabilities.Clock)]
    public Task A_lease_is_as_long_as_was_asked() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        var lease = TimeSpan.FromMilliseconds(90_250);
        await ClaimTwoAsync(store, expirations, lease);

        Clock.Advance(lease - TimeSpan.FromMilliseconds(1));
        Expect.Equal(0, (await ClaimAllAsync(expirations)).Count, $"the number of sessions claimed a millisecond before the end of a lease of {lease}");

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Expect.Equal(2, (await ClaimAllAsync(expirations)).Count, $"the number of sessions claimed at the end of a lease of {lease}");
    });

    [Clause("L15", Needs = StoreCapabilities.Expirations, Race = true)]
    public Task Claimers_at_once_get_each_session_once() => RunAsync<ISessionExpirations>(async (store, expirations) =>
    {
        await expirations.ClaimExpiredAsync(1, LongLease);
        await RoundsAsync(1, Context.HasClock ? 10 : 1, async _ =>
        {
            var soon = await FillSoonAsync(store, 200);
            await Context.PassAsync(soon);

            var claimed = new List<ExpiredSession>[4];
            await TogetherAsync(2, [.. Enumerable.Range(0, claimed.Length).Select(i => (Func<Task>)(async () => claimed[i] = await ClaimAllAsync(expirations, size: 10)))]);

            var ids = claimed.SelectMany(each => each).Select(each => each.Session.Id).ToList();
            Expect.Equal(ids.Count, ids.Distinct().Count(), "the number of different sessions among those claimed");
            ids.AddRange((await ClaimAllAsync(expirations)).Select(each => each.Session.Id));
            Expect.Equal(200, ids.Count, "the number of sessions claimed by all, and by a claimer after them");
        });
    });

    [Clause("L15", Needs = StoreCapabilities.Expirations)]
    public Task A_claim_out_of_range_is_refused() => RunAsync<ISessionExpirations>(async (_, expirations) =>
    {
        foreach (var size in new[] { 0, -1, ExpiredSession.MaxSize + 1 })
            await Expect.ThrowsAsync<ArgumentOutOfRangeException>(() => expirations.ClaimExpiredAsync(size, LongLease).AsTask(), $"a claim of {size}");

        foreach (var lease in new[] { TimeSpan.Zero, TimeSpan.FromMilliseconds(999), TimeSpan.FromDays(2) })
            await Expect.ThrowsAsync<ArgumentOutOfRangeException>(() => expirations.ClaimExpiredAsync(1, lease).AsTask(), $"a claim for {lease}");
    });

    private static async Task<List<ExpiredSession>> ClaimAllAsync(ISessionExpirations expirations, TimeSpan? lease = null, int size = 100)
    {
        var all = new List<ExpiredSession>();
        while (await expirations.ClaimExpiredAsync(size, lease ?? LongLease) is { Count: > 0 } claimed)
        {
            Expect.True(claimed.Count <= size, $"a claim has at most {size} sessions, not {claimed.Count}");
            all.AddRange(claimed);
            Expect.Equal(all.Count, all.Select(each => each.Session.Id).Distinct().Count(), "the number of different sessions claimed, while no lease ends");
        }

        return all;
    }

    /// <summary>Claims two sessions of one subject, in one call.</summary>
    private async Task<(ExpiredSession First, ExpiredSession Second)> ClaimTwoAsync(ISessionStore store, ISessionExpirations expirations, TimeSpan lease)
    {
        await expirations.ClaimExpiredAsync(1, LongLease);
        var soon = Soon();
        await CreateManyAsync(store, NewIds(2), Content("soon", soon, "alice"));
        await Context.PassAsync(soon);
        var claimed = await expirations.ClaimExpiredAsync(10, lease);

        Expect.Equal(2, claimed.Count, "the number of sessions claimed");
        return (claimed[0], claimed[1]);
    }
}
