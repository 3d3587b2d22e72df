using Microsoft.Extensions.Logging;
using SessionStores;
using SessionStores.Moving;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Moves the sessions of a set from another store.</summary>
public static class MovingBuilderExtensions
{
    /// <summary>Moves sessions from another store to the store of this set, while the application runs. Call it after <c>UseProtection</c>: what is called before
    /// concerns the new side only, and what is called after it both.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned; its store is the new side.</param>
    /// <param name="from">Chooses the old side, as the builder of the set chooses the new one: <c>from => from.UseRedis(…)</c>.</param>
    /// <param name="configure">Sets the options, such as the stage. Optional.</param>
    /// <exception cref="ArgumentException">An option is invalid, or <paramref name="from"/> chooses no store.</exception>
    public static ISessionStoresBuilder UseMovingFrom(this ISessionStoresBuilder builder, Action<ISessionStoresBuilder> from, Action<MovingStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(from);

        var options = new MovingStoreOptions();
        configure?.Invoke(options);
        options.Validate();
        var oldSide = new OldSideBuilder(builder.Name);
        from(oldSide);
        if (!oldSide.HasStore)
            throw new ArgumentException("The old side of a move needs a store: UseMovingFrom(from => from.UseRedis(...)).", nameof(from));

        return builder.Decorate((services, store) => new MovingStore(
            oldSide.Create(services), store, options, (ILogger<MovingStore>?)services.GetService(typeof(ILogger<MovingStore>))));
    }

    /// <summary>Takes the store that sessions leave.</summary>
    private sealed class OldSideBuilder(string name) : ISessionStoresBuilder
    {
        private readonly List<Func<IServiceProvider, ISessionStore, ISessionStore>> _decorators = [];
        private Func<IServiceProvider, ISessionStore>? _create;

        public string Name { get; } = name;

        public bool HasStore => _create is not null;

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create)
        {
            ArgumentNullException.ThrowIfNull(create);
            _create = create;
            return this;
        }

        public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate)
        {
            ArgumentNullException.ThrowIfNull(decorate);
            _decorators.Add(decorate);
            return this;
        }

        public ISessionStore Create(IServiceProvider services) =>
            _decorators.Aggregate(_create!(services), (store, decorate) => decorate(services, store));
    }
}
