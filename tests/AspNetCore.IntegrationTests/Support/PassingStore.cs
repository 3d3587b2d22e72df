using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests;

/// <summary>Passes everything on; the start for stores that do one thing differently.</summary>
internal class PassingStore(ISessionStore inner) : ISessionStore
{
    public virtual ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) =>
        inner.GetAsync(id, slide, cancellationToken);

    public virtual ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        inner.CreateAsync(id, content, cancellationToken);

    public virtual ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        inner.ReplaceAsync(id, version, content, cancellationToken);

    public virtual ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        inner.SetAsync(id, content, cancellationToken);

    public virtual ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default) =>
        inner.TouchAsync(id, lifetime, cancellationToken);

    public virtual ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default) =>
        inner.DestroyAsync(id, cancellationToken);

    public virtual ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        inner.RotateAsync(id, newId, version, content, cancellationToken);
}

/// <summary>A recording store with the subjects of the store behind it.</summary>
internal sealed class SubjectStore(RecordingStore recording) : PassingStore(recording), ISessionSubjects
{
    /// <summary>Runs before each call by subject.</summary>
    public Func<Task> BeforeSubjects { get; init; } = () => Task.CompletedTask;

    private ISessionSubjects Subjects => (ISessionSubjects)recording.Inner;

    public async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        await BeforeSubjects();
        return await Subjects.PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken);
    }

    public async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        await BeforeSubjects();
        return await Subjects.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
    }
}

/// <summary>A store whose expired records the housekeeper has to remove, and whose sessions can be counted.</summary>
internal sealed class KeptStore(ISessionStore inner) : PassingStore(inner), ISessionPruning, ISessionEnumeration
{
    private int _prunes;
    private int _counts;

    public bool PrunesItself { get; init; }

    public int Prunes => Volatile.Read(ref _prunes);

    public int Counts => Volatile.Read(ref _counts);

    public Func<CancellationToken, Task<long>> OnPrune { get; set; } = _ => Task.FromResult(0L);

    public Func<Task<long>> OnCount { get; set; } = () => Task.FromResult(0L);

    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _prunes);
        return await OnPrune(cancellationToken);
    }

    public async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _counts);
        return await OnCount();
    }

    public IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
}

internal static class StoreWrapping
{
    /// <summary>Puts another store around the one of the default set.</summary>
    public static void WrapStore(this IServiceCollection services, Func<RecordingStore, ISessionStore> wrap)
    {
        var inner = services.Last(service => service.ServiceType == typeof(ISessionStore) && !service.IsKeyedService).ImplementationFactory!;
        services.Replace(ServiceDescriptor.Singleton(provider => wrap((RecordingStore)inner(provider))));
    }
}
