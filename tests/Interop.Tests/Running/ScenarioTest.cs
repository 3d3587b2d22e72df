using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Running;

/// <summary>A group of scenarios. After each one Node must have answered every request, and none with status 500.</summary>
public abstract class ScenarioTest(Stages stages) : IAsyncLifetime
{
    private Stage? _stage;

    private protected async Task<Stage> OpenAsync(string server, Runtime begins) => _stage = await stages.OpenAsync(server, begins);

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_stage is not null)
            Assert.Empty(await _stage.TakeNodeTroubleAsync());
    }
}
