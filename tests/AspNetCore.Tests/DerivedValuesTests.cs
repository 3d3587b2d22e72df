using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A value whose own type has more than its declared type is refused, instead of losing that without a word.</summary>
public sealed class DerivedValuesTests
{
    private static readonly Dog Rex = new() { Name = "Rex", Breed = "boxer" };

    private static readonly Dictionary<string, Action<HttpSession>> Lost = new()
    {
        ["base type"] = session => session.Set<Animal>("a", Rex),
        ["update"] = session => session.Update<Animal>("a", _ => Rex),
        ["list"] = session => session.Set("a", new List<Animal> { new(), Rex }),
        ["array"] = session => session.Set<Animal[]>("a", [Rex]),
        ["enumerable"] = session => session.Set<IEnumerable<Animal>>("a", [Rex]),
        ["dictionary"] = session => session.Set("a", new Dictionary<string, Animal> { ["x"] = Rex }),
        ["property"] = session => session.Set("a", new Kennel { Guest = Rex }),
        ["property of an object"] = session => session.Set<object>("a", new Kennel { Guest = Rex }),
        ["property of an element"] = session => session.Set("a", new[] { new Kennel { Guest = Rex } }),
        ["derived twice"] = session => session.Set<Animal>("a", new Puppy { Weeks = 3 }),
    };

    public static TheoryData<string> Names => [.. Lost.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_derived_value_that_would_lose_something_is_refused_and_what_is_said(string name)
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            var session = context.GetHttpSession()!;
            var failure = Assert.Throws<NotSupportedException>(() => Lost[name](session));
            Assert.Contains(name == "derived twice" ? "loses Weeks" : "loses Breed", failure.Message, StringComparison.Ordinal);
            Assert.Empty(session.Keys);
        }));
        using var browser = site.NewBrowser();

        Assert.Equal(200, (await browser.GetAsync("/")).Status);
    }

    [Fact]
    public async Task A_derived_value_that_loses_nothing_is_stored()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            var session = context.GetHttpSession()!;
            session.Set<object>("object", Rex);
            session.Set<Animal>("same", new Named { Name = "a" });
            session.Set<Shape>("declared", new Circle { Radius = 2 });
            session.Set<IReadOnlyList<Shape>>("shapes", new List<Shape> { new Circle { Radius = 3 } });
            session.Set("ignored", new Kennel { Owner = Rex });
            session.Set("exceptional", new Kennel { Guest = new Animal { Name = "b" } });

            Assert.Equal("boxer", session.Get<Dog>("object")!.Breed);
            Assert.Equal(2, Assert.IsType<Circle>(session.Get<Shape>("declared")).Radius);
            Assert.Equal(3, Assert.IsType<Circle>(session.Get<List<Shape>>("shapes")![0]).Radius);
            Assert.Equal("b", session.Get<Kennel>("exceptional")!.Guest!.Name);
        }));
        using var browser = site.NewBrowser();

        Assert.Equal(200, (await browser.GetAsync("/")).Status);
    }

    private class Animal
    {
        public string? Name { get; set; }
    }

    private sealed class Dog : Animal
    {
        public string? Breed { get; set; }
    }

    private sealed class Puppy : Animal
    {
        public int Weeks { get; set; }
    }

    private sealed class Named : Animal
    {
        [JsonIgnore]
        public bool IsOld => Name is null;
    }

    private sealed class Kennel
    {
        public Animal? Guest { get; set; }

        [JsonIgnore]
        public Animal? Owner { get; set; }
    }

    [JsonDerivedType(typeof(Circle), "circle")]
    private class Shape;

    private sealed class Circle : Shape
    {
        public int Radius { get; set; }
    }
}
