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

    [Fact]
    public void Null_is_absent_for_Get_TryGet_and_Update_alike()
    {
        var session = NewSession();
        session.SetRaw("n", "null"u8);
        session.SetRaw("blank", " null\n"u8);

        Assert.Equal(0, session.Get<int>("n"));
        Assert.Equal(0, session.Get<int>("blank"));
        Assert.Equal(Guid.Empty, session.Get<Guid>("n"));
        Assert.Null(session.Get<int?>("n"));
        Assert.Null(session.Get<Cart>("n"));
        Assert.False(session.TryGet<int>("n", out _));
        Assert.False(session.TryGet<DateTime>("blank", out _));
        session.Update<int>("n", n => n + 1);
        session.Update<decimal>("blank", n => n + 1);
        Assert.Equal("1", Raw(session, "n"));
        Assert.Equal("1", Raw(session, "blank"));
    }

    [Fact]
    public void A_number_in_text_is_read_and_a_fraction_is_not_an_int()
    {
        var session = NewSession();
        session.SetRaw("text", "\"3\""u8);
        session.SetRaw("fraction", "3.0"u8);

        Assert.Equal(3, session.Get<int>("text"));
        Assert.True(session.TryGet<long>("text", out var read));
        Assert.Equal(3, read);
        Assert.Throws<JsonException>(() => session.Get<int>("fraction"));
        Assert.Throws<JsonException>(() => session.TryGet<int>("fraction", out _));
        Assert.Throws<JsonException>(() => session.Update<int>("fraction", value => value));
        Assert.Equal(3, session.Get<double>("fraction"));
        session.Update<int>("text", value => value + 1);
        Assert.Equal("4", Raw(session, "text"));
    }

    public static TheoryData<object> LostValues =>
    [
        new Lost<System.Numerics.BigInteger>(12), new Lost<(int, string)>((1, "two")), new Lost<System.Numerics.Complex>(new(1, 2)),
        new Lost<System.Numerics.Vector3>(new(1, 2, 3)), new Lost<Rune>(new Rune('a')), new Lost<Range>(1..2), new Lost<System.Collections.BitArray>(new(3)),
        new Lost<Stack<int>>(new([1, 2])), new Lost<List<(int, int)>>([(1, 2)]), new Lost<Dictionary<string, System.Numerics.BigInteger>>(new() { ["a"] = 1 }),
        new Lost<System.Numerics.BigInteger?>(3), new Lost<object>((1, 2)), new Lost<PublicField>(new() { Value = 1 }), new Lost<Holder>(new() { Number = 5 }),
        new Lost<IDisposable>(new MemoryStream()), new Lost<System.Security.Claims.ClaimsPrincipal>(new()),
    ];

    [Theory]
    [MemberData(nameof(LostValues), DisableDiscoveryEnumeration = true)]
    public void A_value_that_JSON_does_not_carry_back_is_refused(object value)
    {
        var session = NewSession();

        var failure = Assert.Throws<NotSupportedException>(() => ((ILost)value).SetIn(session));

        Assert.Contains("cannot hold", failure.Message, StringComparison.Ordinal);
        Assert.Empty(session.Keys);
        Assert.Throws<NotSupportedException>(() => ((ILost)value).UpdateIn(session));
    }

    [Fact]
    public void A_value_that_JSON_carries_back_is_not_refused()
    {
        var session = NewSession();

        session.Set("pair", new KeyValuePair<string, int>("a", 1));
        session.Set("tuple", Tuple.Create(1, "two"));
        session.Set("anonymous", new { A = 1 });
        session.Set("computed", new Computed { Price = 3 });
        session.Set("ignored", new Ignored());
        session.Set("interface", (IReadOnlyList<int>)[1, 2]);
        session.Set("set", new HashSet<string> { "a" });
        session.Set("frozen", System.Collections.Immutable.ImmutableArray.Create(1, 2));
        session.Set("enum", DayOfWeek.Friday);
        session.Set("uri", new Uri("https://example.com"));
        session.Set("version", new Version(1, 2));
        session.Set("day", new DateOnly(2030, 1, 2));
        session.Set("span", TimeSpan.FromMinutes(1));
        session.Set("node", System.Text.Json.Nodes.JsonNode.Parse("[1]"));
        session.Set<object>("object", new Cart(["tea"], 1));
        session.Set("tree", new Tree { Children = [new Tree()] });

        Assert.Equal("a", session.Get<KeyValuePair<string, int>>("pair").Key);
        Assert.Equal("two", session.Get<Tuple<int, string>>("tuple")!.Item2);
        Assert.Equal(6, session.Get<Computed>("computed")!.Double);
        Assert.Equal(DayOfWeek.Friday, session.Get<DayOfWeek>("enum"));
        Assert.Single(session.Get<Tree>("tree")!.Children);
        Assert.Equal([1, 2], session.Get<System.Collections.Immutable.ImmutableArray<int>>("frozen"));
    }

    [Fact]
    public void A_name_with_half_of_a_surrogate_pair_is_refused_and_said()
    {
        var session = NewSession();
        foreach (var (name, shown) in new[] { ("\ud800", "\\ud800"), ("a\udc00b", "a\\udc00b"), ("\ude00\ud83d", "\\ude00\\ud83d") })
        {
            Assert.Contains(shown, Assert.Throws<ArgumentException>(() => session.Set(name, 1)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => session.Update<int>(name, value => value));
            Assert.Throws<ArgumentException>(() => session.SetRaw(name, "1"u8));
            Assert.False(session.Remove(name));
            Assert.False(session.ContainsKey(name));
        }

        session.Set("\ud83d\ude00", 1);
        Assert.Equal(["😀"], session.Keys);
    }

    [Fact]
    public void Raw_text_that_no_store_would_save_is_refused()
    {
        var session = NewSession();

        Assert.Throws<ArgumentException>(() => session.SetRaw("a", [(byte)'"', 0xC3, (byte)'"']));
        Assert.Throws<ArgumentException>(() => session.SetRaw("a", Encoding.UTF8.GetBytes(new string('[', 1000) + new string(']', 1000))));
        session.SetRaw("a", Encoding.UTF8.GetBytes(new string('[', 999) + new string(']', 999)));
    }

    [Theory]
    [InlineData("cookie")]
    [InlineData("__absolute")]
    [InlineData("__subject")]
    [InlineData("__created")]
    [InlineData("__authenticated")]
    [InlineData("__label")]
    [InlineData("__device")]
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

    private interface ILost
    {
        void SetIn(HttpSession session);

        void UpdateIn(HttpSession session);
    }

    private sealed record Lost<T>(T Value) : ILost
    {
        public void SetIn(HttpSession session) => session.Set("a", Value);

        public void UpdateIn(HttpSession session) => session.Update<T>("a", _ => Value);
    }

    private sealed class PublicField
    {
#pragma warning disable CA1051 // What such a type loses is the subject of a test.
        public int Value;
#pragma warning restore CA1051

        public int Other { get; set; }
    }

    private sealed class Holder
    {
        public string Name { get; set; } = "";

        public System.Numerics.BigInteger Number { get; set; }
    }

    private sealed class Computed
    {
        public int Price { get; set; }

        public int Double => 2 * Price;
    }

    private sealed class Ignored
    {
        public int A { get; set; }

        [JsonIgnore]
        public System.Numerics.BigInteger B { get; set; }
    }

    private sealed class Tree
    {
        public List<Tree> Children { get; set; } = [];
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
