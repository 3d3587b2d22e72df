using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.Tests;

public sealed record Cart(List<string> Items, decimal Total);

[JsonSerializable(typeof(Cart))]
public sealed partial class CartContext : JsonSerializerContext;

/// <summary>Typed values over JSON, with and without reflection.</summary>
public sealed class TypedAccessTests
{
    [Fact]
    public void Values_are_read_back_as_they_were_set()
    {
        var session = NewSession();
        var at = new DateTimeOffset(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

        session.Set("text", "Zoë \u2028 😀");
        session.Set("number", long.MaxValue);
        session.Set("amount", 12.50m);
        session.Set("flag", true);
        session.Set("at", at);
        session.Set("utc", at.UtcDateTime);
        session.Set<string?>("nothing", null);
        session.Set("list", new List<int> { 1, 2 });
        session.Set("cart", new Cart(["tea"], 3.20m));

        Assert.Equal("Zoë \u2028 😀", session.Get<string>("text"));
        Assert.Equal(long.MaxValue, session.Get<long>("number"));
        Assert.Equal(12.50m, session.Get<decimal>("amount"));
        Assert.True(session.Get<bool>("flag"));
        Assert.Equal(at, session.Get<DateTimeOffset>("at"));
        Assert.Equal(at.UtcDateTime, session.Get<DateTime>("utc"));
        Assert.Null(session.Get<string>("nothing"));
        Assert.Equal([1, 2], session.Get<List<int>>("list")!);
        Assert.Equal(["tea"], session.Get<Cart>("cart")!.Items);
        Assert.Equal("\"2030-01-02T03:04:05.678Z\"", Raw(session, "at"));
        Assert.Equal(["text", "number", "amount", "flag", "at", "utc", "nothing", "list", "cart"], session.Keys);
    }

    [Fact]
    public void A_source_generated_type_needs_no_reflection()
    {
        var session = NewSession(options =>
        {
            options.Json.TypeInfoResolverChain.Clear();
            options.Json.TypeInfoResolverChain.Add(SessionJsonContext.Default);
        });

        session.Set("cart", new Cart(["tea"], 1), CartContext.Default.Cart);
        session.Update("cart", cart => cart! with { Total = 2 }, CartContext.Default.Cart);

        Assert.Equal("""{"Items":["tea"],"Total":2}""", Raw(session, "cart"));
        Assert.Equal(2, session.Get("cart", CartContext.Default.Cart)!.Total);
        Assert.True(session.TryGet("cart", CartContext.Default.Cart, out var cart));
        Assert.Equal(["tea"], cart.Items);
        session.Set("number", 1);
        Assert.Throws<NotSupportedException>(() => session.Get<Cart>("cart"));
    }

    [Fact]
    public void A_member_that_is_not_there_is_the_default_and_null_is_no_value()
    {
        var session = NewSession();
        session.Set<string?>("null", null);

        Assert.Equal(0, session.Get<int>("none"));
        Assert.False(session.TryGet<int>("none", out _));
        Assert.False(session.TryGet<string>("null", out _));
        Assert.False(session.TryGet<int>("null", out _));
        Assert.True(session.ContainsKey("null"));
        Assert.False(session.ContainsKey("none"));
        Assert.True(session.GetRaw("none").IsEmpty);
        session.Set("zero", 0);
        Assert.True(session.TryGet<int>("zero", out var zero));
        Assert.Equal(0, zero);
    }

    [Fact]
    public void A_value_of_another_type_is_an_exception_that_does_not_show_it()
    {
        var session = NewSession();
        session.Set("name", "secret words");

        var failure = Assert.Throws<JsonException>(() => session.Get<int>("name"));

        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cookie")]
    [InlineData("__absolute")]
    [InlineData("__subject")]
    [InlineData("req")]
    [InlineData("id")]
    [InlineData("touch")]
    [InlineData("resetMaxAge")]
    [InlineData("save")]
    [InlineData("reload")]
    [InlineData("destroy")]
    [InlineData("regenerate")]
    [InlineData("constructor")]
    [InlineData("hasOwnProperty")]
    [InlineData("__proto__")]
    [InlineData("__lookupSetter__")]
    public void Names_that_express_session_would_drop_are_refused(string name)
    {
        var session = NewSession();

        Assert.Contains(name, Assert.Throws<ArgumentException>(() => session.Set(name, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => session.Update<int>(name, value => value));
        Assert.Throws<ArgumentException>(() => session.SetRaw(name, "1"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("1 2")]
    [InlineData("tru")]
    [InlineData("{\"a\":1}}")]
    public void Raw_text_that_is_no_value_is_refused(string json) =>
        Assert.Throws<ArgumentException>(() => NewSession().SetRaw("a", Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Values_are_copies()
    {
        var session = NewSession();
        session.Set("list", new List<int> { 1 });
        byte[] raw = "[1]"u8.ToArray();
        session.SetRaw("raw", raw);

        session.Get<List<int>>("list")!.Add(2);
        raw[1] = (byte)'9';

        Assert.Equal([1], session.Get<List<int>>("list")!);
        Assert.Equal("[1]", Raw(session, "raw"));
    }

    [Fact]
    public void Removing_says_whether_it_was_there()
    {
        var session = NewSession();
        session.Set("a", 1);

        Assert.True(session.Remove("a"));
        Assert.False(session.Remove("a"));
        Assert.False(session.Remove("cookie"));
        Assert.Empty(session.Keys);
    }

    private static string Raw(HttpSession session, string name) => Encoding.UTF8.GetString(session.GetRaw(name).Span);

    private static HttpSession NewSession(Action<SessionStoresOptions>? configure = null)
    {
        var options = new SessionStoresOptions { Secrets = ["secret"] };
        configure?.Invoke(options);
        var clock = new FakeClock();
        var metrics = new SessionMetrics(new Meters(), clock);
        var set = new SessionSet("", options, clock, metrics, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var scope = new SessionScope(set, null, options.Cookie);
        var state = new SessionState(scope, SessionData.New(SessionCookie.Create(options.Cookie, false, clock), null));
        return new HttpSession(state, new SessionSaver(set, new StoreCalls(new Memory.MemoryStore(null, clock), set)));
    }

    private sealed class Meters : System.Diagnostics.Metrics.IMeterFactory
    {
        public System.Diagnostics.Metrics.Meter Create(System.Diagnostics.Metrics.MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
