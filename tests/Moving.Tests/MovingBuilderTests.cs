using Microsoft.Extensions.DependencyInjection;
using SessionStores.Memory;

namespace SessionStores.Moving.Tests;

/// <summary>The registration of a move.</summary>
public sealed class MovingBuilderTests
{
    [Fact]
    public void The_store_of_the_set_is_the_new_side_and_what_the_call_chooses_the_old_one()
    {
        var (old, current) = (new MemoryStore(), new MemoryStore());
        var builder = new RecordingBuilder();

        Assert.Same(builder, builder.UseMovingFrom(from => from.UseStore(_ => old)));

        var store = Assert.IsType<MovingStore>(builder.Decorator!(new NoServices(), current));
        Assert.Same(old, store.From);
        Assert.Same(current, store.To);
    }

    [Fact]
    public void The_old_side_has_decorators_of_its_own()
    {
        var builder = new RecordingBuilder();
        builder.UseMovingFrom(from => from.Decorate((_, store) => new Decorated(store)).UseMemory());

        Assert.IsType<Decorated>(Assert.IsType<MovingStore>(builder.Decorator!(new NoServices(), new MemoryStore())).From);
    }

    [Fact]
    public void What_is_invalid_is_refused_at_once()
    {
        var builder = new RecordingBuilder();

        Assert.Throws<ArgumentException>(() => builder.UseMovingFrom(_ => { }));
        Assert.Throws<ArgumentException>(() => builder.UseMovingFrom(from => from.UseMemory(), options => options.Stage = 0));
        Assert.Throws<ArgumentException>(() => builder.UseMovingFrom(from => from.UseMemory(options => options.MaxSessions = 0)));
        Assert.Throws<ArgumentNullException>(() => builder.UseMovingFrom(null!));
        Assert.Null(builder.Decorator);
    }

    private sealed class Decorated(ISessionStore inner) : ForwardingStore(inner);

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    private sealed class RecordingBuilder : ISessionStoresBuilder
    {
        public string Name => "";

        public Func<IServiceProvider, ISessionStore, ISessionStore>? Decorator { get; private set; }

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create) => this;

        public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate)
        {
            Decorator = decorate;
            return this;
        }
    }
}
