using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using SessionStores.Memory;
using SessionStores.Tests;

namespace SessionStores.Protection.Tests;

/// <summary>A stored record that is not what was written is no session, with a reason of its own, and never an exception.</summary>
public sealed class RefusalTests : IAsyncDisposable
{
    private const string Id = "mine", Other = "other";
    private readonly MemoryStore _server = new();
    private readonly List<string> _log = [];
    private readonly List<string> _reasons = [];
    private readonly MeterListener _meters = new();
    private readonly ProtectedStore _store;

    public RefusalTests()
    {
        _store = Open(Keys.Options(Keys.Current));
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "sessionstores.protection.refused" && instrument.Meter.Scope == _store)
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (_reasons)
                _reasons.Add((string)tags[0].Value!);
        });
        _meters.Start();
    }

    [Fact]
    public async Task A_record_that_was_copied_under_another_id_is_no_session()
    {
        await _store.CreateAsync(Id, Content());
        await _store.CreateAsync(Other, Content());
        var copied = await StoredAsync(Other);

        await _server.SetAsync(HashOf(Id), new SessionContent(copied.Payload, copied.ExpiresAt));

        await IsRefusedAsync(Id, "OtherSession", "copied from another session");
        Assert.NotNull(await _store.GetAsync(Other));
    }

    [Fact]
    public async Task A_record_that_was_given_to_another_subject_is_no_session()
    {
        await _store.CreateAsync(Id, Content("alice"));
        var stored = await StoredAsync(Id);

        await _server.SetAsync(HashOf(Id), new SessionContent(stored.Payload, stored.ExpiresAt, "administrator"));

        await IsRefusedAsync(Id, "OtherSubject", "subject was altered");
    }

    [Fact]
    public async Task A_record_of_the_key_of_another_application_is_no_session()
    {
        await using var foreign = Open(Keys.Options(Keys.New()));
        await foreign.CreateAsync(Id, Content());
        var stored = Assert.Single(await ListAsync(_server.AllAsync()));

        await _server.SetAsync(HashOf(Id), new SessionContent(stored.Payload, stored.ExpiresAt));

        await IsRefusedAsync(Id, "UnknownKey", "belong to another application");
    }

    [Fact]
    public async Task A_record_without_protection_is_no_session()
    {
        await _server.SetAsync(HashOf(Id), Content());
        await _server.SetAsync(Other, Content());

        await IsRefusedAsync(Id, "Unprotected", "stored without protection");
        Assert.Null(await _store.GetAsync(Other));
    }

    [Theory]
    [InlineData("""{"cookie":{"originalMaxAge":60000}}""", null)]
    [InlineData("""{"__absolute":4102444800000}""", null)]
    [InlineData("{}", "alice")]
    public async Task A_record_with_any_flipped_bit_is_no_session(string payload, string? subject)
    {
        await _store.CreateAsync(Id, new SessionContent(Encoding.UTF8.GetBytes(payload), TimeSpan.FromHours(1), subject));
        var stored = await StoredAsync(Id);
        var refused = 0;

        for (var bit = 0; bit < 8 * stored.Payload.Length; bit++)
        {
            var flipped = stored.Payload.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                await _server.SetAsync(HashOf(Id), new SessionContent(flipped, TimeSpan.FromHours(1), subject));
            }
            catch (ArgumentException)
            {
                continue; // no JSON object any longer, which no store keeps
            }

            Assert.Null(await _store.GetAsync(Id));
            refused++;
        }

        Assert.InRange(refused, 4 * stored.Payload.Length, int.MaxValue);
        Assert.All(_reasons, reason => Assert.Contains(reason, new[] { "Altered", "Malformed", "UnknownKey", "Unprotected" }));
        Assert.Contains("Altered", _reasons);
    }

    [Theory]
    [InlineData("cookie", """{"originalMaxAge":86400000}""")]
    [InlineData("__absolute", "1")]
    [InlineData("more", "1")]
    public async Task A_limit_or_member_that_was_added_or_changed_is_no_session(string name, string value)
    {
        await _store.CreateAsync(Id, new SessionContent("""{"cookie":{"originalMaxAge":60000},"__absolute":4102444800000}"""u8.ToArray(), TimeSpan.FromHours(1)));
        var stored = await StoredAsync(Id);
        var json = JsonNode.Parse(stored.Payload.Span)!;
        json[name] = JsonNode.Parse(value);

        await _server.SetAsync(HashOf(Id), new SessionContent(Encoding.UTF8.GetBytes(json.ToJsonString()), TimeSpan.FromHours(1)));

        await IsRefusedAsync(Id, name == "more" ? "Malformed" : "Altered", name == "more" ? "not in the format" : "content was altered");
    }

    [Fact]
    public async Task A_listing_skips_and_counts_what_is_refused()
    {
        await _store.CreateAsync(Id, Content("alice"));
        var stored = await StoredAsync(Id);
        await _server.SetAsync("copied", new SessionContent(stored.Payload, stored.ExpiresAt, "alice"));
        await _server.SetAsync("plain", Content("alice"));

        Assert.Equal(Id, Assert.Single(await ListAsync(_store.AllAsync())).Id);
        Assert.Equal(Id, Assert.Single(await ListAsync(_store.ListBySubjectAsync("alice"))).Id);
        Assert.Equal(["OtherSession", "OtherSession", "Unprotected", "Unprotected"], _reasons.Order());
    }

    [Fact]
    public async Task Each_reason_is_logged_once_a_minute_and_never_with_an_id()
    {
        await _server.SetAsync(HashOf(Id), Content());
        for (var i = 0; i < 100; i++)
            Assert.Null(await _store.GetAsync(Id));

        Assert.Equal(100, _reasons.Count);
        var line = Assert.Single(_log, line => line.Contains("refused", StringComparison.Ordinal));
        Assert.DoesNotContain(HashOf(Id), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_record_can_be_ended()
    {
        await _server.SetAsync(HashOf(Id), Content());

        Assert.True(await _store.DestroyAsync(Id));
        Assert.Null(await _server.GetAsync(HashOf(Id)));
    }

    public async ValueTask DisposeAsync()
    {
        _meters.Dispose();
        await _store.DisposeAsync();
    }

    private static SessionContent Content(string? subject = null) => new("""{"cookie":{"originalMaxAge":60000},"n":1}"""u8.ToArray(), TimeSpan.FromHours(1), subject);

    private static string HashOf(string id) => new DerivedKey(Keys.Current).HashId(id);

    private static async Task<List<SessionRecord>> ListAsync(IAsyncEnumerable<SessionRecord> records) => await records.ToListAsync();

    private ProtectedStore Open(SessionProtectionOptions options) => new(_server, options, null, new ForwardingLogger<ProtectedStore>(_log.Add));

    private async Task<SessionRecord> StoredAsync(string id) => Assert.IsType<SessionRecord>(await _server.GetAsync(HashOf(id)));

    private async Task IsRefusedAsync(string id, string reason, string logged)
    {
        Assert.Null(await _store.GetAsync(id));
        Assert.Equal(reason, Assert.Single(_reasons));
        Assert.Single(_log, line => line.Contains(logged, StringComparison.Ordinal));
    }
}
