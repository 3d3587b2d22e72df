using SessionStores.Conformance;

namespace SessionStores.Conformance.Tests.Reference;

/// <summary>A reference store that sets its table up on first use.</summary>
public class PreparingStore(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly SemaphoreSlim _first = new(1, 1);
    private bool _prepared;

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        await _first.WaitAsync(cancellationToken);
        try
        {
            if (!_prepared)
                await PrepareAsync(cancellationToken);

            _prepared = true;
        }
        finally
        {
            _first.Release();
        }

        return await base.SendAsync(operation, writes, command, cancellationToken);
    }

    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => base.SendAsync("Prepare", true, SetUpOnce, cancellationToken);

    protected static bool SetUpOnce(ReferenceTable table)
    {
        table.SetUps = 1;
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _first.Dispose();
        await base.DisposeAsync();
    }
}
