namespace SessionStores.Conformance;

/// <summary>Touch moves the expiry forward and does nothing else.</summary>
internal sealed class TouchCases : CaseGroup
{
    [ConformanceCase("L8")]
    public async Task Touch_moves_the_expiry_forward()
    {
        var store = await OpenAsync();
        var id = NewId();
        var record = await StoredAsync(store, id, Content());
        var later = Round(record.ExpiresAt.AddMinutes(10));

        var wasThere = await store.TouchAsync(id, later);

        Expect.True(wasThere, "touch of a live session answers true");
        Expect.Equal(later, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry after the touch");
    }

    [ConformanceCase("L8")]
    public async Task Touch_never_moves_the_expiry_back()
    {
        var store = await OpenAsync();
        var id = NewId();
        var record = await StoredAsync(store, id, Content());

        var wasThere = await store.TouchAsync(id, record.ExpiresAt.AddMinutes(-30));

        Expect.True(wasThere, "touch of a live session answers true, whether or not its expiry moved");
        Expect.Equal(record.ExpiresAt, Expect.Found(await store.GetAsync(id)).ExpiresAt, "the expiry after a touch with an earlier one");
    }
}
