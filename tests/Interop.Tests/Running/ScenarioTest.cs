using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Running;

/// <summary>A group of scenarios. After each one Node must have answered every request, and none with status 500.</summary>
public abstract class ScenarioTest(StagesFixture stages) : IAsyncLifetime
{
    private Stage? _stage;

    private protected async Task<Stage> OpenAsync(string server, Runtime begins) => _stage = await stages.EnterAsync(server, begins);

    /// <summary>Opens a stage with both of its sites: first the one of <paramref name="begins"/>.</summary>
    private protected async Task<(Stage Stage, Site First, Site Second)> OpenBothAsync(string server, Runtime begins, SiteOptions? options = null)
    {
        var stage = await OpenAsync(server, begins);
        var (first, second) = await stage.OpenBothAsync(options);
        return (stage, first, second);
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_stage is null)
            return;

        try
        {
            Assert.Empty(await _stage.TakeNodeTroubleAsync());
        }
        finally
        {
            stages.Leave(_stage);
        }
    }
}
