namespace SessionStores.Conformance.Suites;

/// <content>A link is from one id to another: which sessions have these ids, and what is done to them, is another matter.</content>
internal sealed partial class RotationSuite
{
    [Clause("L10", "L9")]
    public Task A_link_names_an_id_and_not_the_session_that_had_it() => RunAsync(async store =>
    {
        foreach (var (name, endAsync) in new (string, Func<string, string, Task<bool>>)[]
        {
            ("its id", (_, newId) => store.DestroyAsync(newId).AsTask()),
            ("its former id", (id, _) => store.DestroyAsync(id).AsTask()),
        })
        {
            var id = NewId();
            var newId = await RotatedAsync(store, id, 1);
            Expect.True(await endAsync(id, newId), $"destroy by {name} returns true");
            await store.SetAsync(newId, Content("another"));

            Expect.True(await store.DestroyAsync(id), $"destroy of the former id returns true when the new id has a session again after a destroy by {name}");
            Expect.Null(await store.GetAsync(newId), $"the session that was stored under the new id after a destroy by {name}");
        }

        var (first, second, third) = (NewId(), NewId(), NewId());
        await store.CreateAsync(first, Content());
        await store.RotateAsync(first, second, SessionVersion.Any, Content());
        await store.RotateAsync(second, third, SessionVersion.Any, Content());
        await store.CreateAsync(second, Content("another"));
        Expect.True(await store.DestroyAsync(first), "destroy of the first id returns true when the second id has a session again");
        Expect.Null(await store.GetAsync(second), "the session that was stored under the second id");
        await HasAsync(store, third, "one");
    });

    [Clause("L10", "L3", "L5", "L6", "L7", "L8", "L9")]
    public Task What_is_done_to_a_rotated_session_leaves_the_link_to_it() => RunAsync(async store =>
    {
        foreach (var (name, doAsync) in new (string, Func<string, Task>)[]
        {
            ("a touch", async id => await store.TouchAsync(id, Later.AddHours(1))),
            ("a slide", async id => await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(1)))),
            ("a replace with a version", async id => await store.ReplaceAsync(id, (await HasAsync(store, id, "one")).Version, Content("two"))),
            ("a replace without a version", async id => await store.ReplaceAsync(id, SessionVersion.Any, Content("two", null, "bob"))),
            ("a set", async id => await store.SetAsync(id, Content("two"))),
            ("a create that was refused", async id => Expect.Equal(SessionWriteStatus.Taken, (await store.CreateAsync(id, Content("two"))).Status, "create under a taken id")),
            ("a rotation to it that was refused", async id =>
            {
                var other = await CreateAsync(store, Content("other"));
                Expect.Equal(SessionWriteStatus.Taken, (await store.RotateAsync(other, id, SessionVersion.Any, Content("two"))).Status, "rotate to a taken id");
            }),
        })
        {
            var id = NewId();
            var newId = await RotatedAsync(store, id, 1);
            await doAsync(newId);

            Expect.True(await store.DestroyAsync(id), $"destroy of a rotated id returns true after {name}");
            Expect.Null(await store.GetAsync(newId), $"the session under its new id after {name} and the destroy");
        }
    });

    [Clause("L10", "L6", "L8", "L9")]
    public Task What_writes_nothing_under_a_rotated_id_leaves_its_link() => RunAsync(async store =>
    {
        var calls = new List<(string Name, Func<string, Task> DoAsync)>
        {
            ("a get", async id => await store.GetAsync(id)),
            ("a touch", async id => await store.TouchAsync(id, Later.AddHours(1))),
            ("a replace", async id => await store.ReplaceAsync(id, SessionVersion.Any, Content("two"))),
            ("a rotation of it", async id => await store.RotateAsync(id, NewId(), SessionVersion.Any, Content("two"))),
        };

        // Where a rotation takes several steps, it may begin with its new id.
        if (Context.Offers(StoreCapabilities.AtomicRotation))
        {
            calls.Add(("a rotation of an absent session to it", async id =>
                Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(NewId(), id, SessionVersion.Any, Content("two"))).Status, "rotate of an absent session")));
            calls.Add(("a rotation to it that is a conflict", async id =>
            {
                var other = await CreateAsync(store, Content("other"));
                Expect.Equal(SessionWriteStatus.Conflict, (await store.RotateAsync(other, id, SessionVersion.Of(Json("{}")), Content("two"))).Status, "rotate with another version");
            }));
        }

        foreach (var (name, doAsync) in calls)
        {
            var id = NewId();
            var newId = await RotatedAsync(store, id, 1);
            await doAsync(id);

            Expect.True(await store.DestroyAsync(id), $"destroy of a rotated id returns true after {name}");
            Expect.Null(await store.GetAsync(newId), $"the session under its new id after {name} and the destroy");
        }
    });

    [Clause("L10", "L9")]
    public Task Every_kind_of_rotation_leaves_a_link() => RunAsync(async store =>
    {
        var (expired, soon) = (NewId(), Soon());
        await store.CreateAsync(expired, Content("expired", soon));
        var rotated = NewId();
        await RotatedAsync(store, rotated, 1);
        await Context.PassAsync(soon);
        foreach (var (name, content, newId, isVersioned) in new[]
        {
            ("with a version", Content("two", null, "alice"), NewId(), true),
            ("without a version", Content("two", null, "alice"), NewId(), false),
            ("with the content that it had", Content("one", null, "alice"), NewId(), true),
            ("to another subject", Content("one", null, "bob"), NewId(), true),
            ("to no subject", Content(), NewId(), false),
            ("to a shorter life", Content("one", In(TimeSpan.FromMinutes(20)), "alice"), NewId(), false),
            ("to an endless life", Content("one", SessionExpiry.Never, "alice"), NewId(), true),
            ("to the id of an expired session", Content("two", null, "alice"), expired, true),
            ("to the former id of another session", Content("two", null, "alice"), rotated, false),
        })
        {
            var id = NewId();
            var loaded = await StoredAsync(store, id, Content("one", null, "alice"));
            var result = await store.RotateAsync(id, newId, isVersioned ? loaded.Version : SessionVersion.Any, content);
            Expect.Equal(SessionWriteStatus.Written, result.Status, $"the status of a rotation {name}");

            Expect.True(await store.DestroyAsync(id), $"destroy of the old id returns true after a rotation {name}");
            Expect.Null(await store.GetAsync(newId), $"the session after a rotation {name} and the destroy of its old id");
        }
    });

    [Clause("L10", "L5", "L7", "L9", "L14", "L15")]
    public Task A_link_does_not_come_back_when_the_session_under_its_old_id_has_ended() => RunAsync(async store =>
    {
        var writes = new (string Name, Func<string, SessionContent, Task> WriteAsync)[]
        {
            ("a create", async (id, content) => await store.CreateAsync(id, content)),
            ("a set", async (id, content) => await store.SetAsync(id, content)),
            ("a rotation", async (id, content) => await store.RotateAsync(await CreateAsync(store, Content("other")), id, SessionVersion.Any, content)),
        };
        foreach (var (name, writeAsync) in writes)
        {
            var (destroyed, expired, subject, first, second) = ("", "", "", "", "");
            var soon = await BeforeAsync(async end =>
            {
                (destroyed, expired, subject) = (NewId(), NewId(), NewId());
                (first, second) = (await RotatedAsync(store, destroyed, 1), await RotatedAsync(store, expired, 1));
                await writeAsync(destroyed, Content("again", null, subject));
                await writeAsync(expired, Content("again", end));
            });
            await Context.PassAsync(soon);
            if (store.GetCapability<ISessionSubjects>() is { } subjects)
                Expect.Equal(1L, await subjects.DestroyBySubjectAsync(subject), $"the number of sessions destroyed after {name}");
            else
                await store.DestroyAsync(destroyed);

            if (store.GetCapability<ISessionPruning>() is { } pruning)
                await pruning.PruneAsync();

            Expect.True(!await store.DestroyAsync(destroyed), $"destroy of a rotated id returns false when {name} had taken it and that session was destroyed");
            Expect.True(!await store.DestroyAsync(expired), $"destroy of a rotated id returns false when {name} had taken it and that session has expired");
            await HasAsync(store, first, "one");
            await HasAsync(store, second, "one");
        }
    });

    [Clause("L10", "L9", "L14", "L16")]
    public Task Links_are_told_apart_like_ids() => RunAsync(async store =>
    {
        var begin = NewId();
        string[] names = ["aB", "AB", "ab", "aB ", " aB", "aBc", "a", "\u00E4", "a\u0308", "A\u0308", "a*", "a%", "a_", "\uFF41B"];
        var ids = names.Select(each => begin + each).ToList();
        foreach (var id in ids)
        {
            var (subject, newId) = (NewId(), NewId());
            await store.CreateAsync(id, Content("one", null, subject));
            await store.RotateAsync(id, newId, SessionVersion.Any, Content("one", null, subject));
            foreach (var other in ids.Where(other => other != id))
            {
                Expect.True(!await store.DestroyAsync(other), "destroy of an id that only looks like a rotated one returns false");
                if (store.GetCapability<ISessionSuccessors>() is { } successors)
                    Expect.Null(await successors.FindSuccessorAsync(other), "the successor of an id that only looks like a rotated one");
            }

            await HasAsync(store, newId, "one");
            if (store.GetCapability<ISessionSubjects>() is { } subjects)
            {
                Expect.Equal(1L, await subjects.DestroyBySubjectAsync(subject, [.. ids.Where(other => other != id)]), "the number of sessions destroyed but those of ids that only look alike");
                await store.SetAsync(newId, Content("one", null, subject));
                Expect.Equal(0L, await subjects.DestroyBySubjectAsync(subject, [id]), "the number of sessions destroyed but the one that was rotated");
            }

            Expect.True(await store.DestroyAsync(id), "destroy of a rotated id returns true");
        }
    });

    [Clause("L10", "L16", "L9")]
    public Task A_session_can_be_rotated_to_an_id_that_looks_alike() => RunAsync(async store =>
    {
        var begin = NewId();
        var ids = new[] { "aB", "AB", "ab", "ab ", "\u00E4b", "a\u0308b", "ab*" }.Select(each => begin + each).ToList();
        await store.CreateAsync(ids[0], Content());
        for (var i = 1; i < ids.Count; i++)
        {
            SessionWriteResult result;
            try
            {
                result = await store.RotateAsync(ids[i - 1], ids[i], SessionVersion.Any, Content($"m{i}"));
            }
            catch (ArgumentException refused)
            {
                throw new ConformanceException($"Expected that an id that differs by case, blanks or accents is another id for a rotation ({i}), not {refused.GetType().Name}: {refused.Message}", refused);
            }

            Expect.Equal(SessionWriteStatus.Written, result.Status, $"rotation {i} to an id that looks alike");
            Expect.Null(await store.GetAsync(ids[i - 1]), $"the session under its old id after rotation {i}");
            await HasAsync(store, ids[i], $"m{i}");
        }

        Expect.True(await store.DestroyAsync(ids[0]), "destroy of the first id returns true");
        Expect.Null(await store.GetAsync(ids[^1]), "the session under its last id");
    });
}
