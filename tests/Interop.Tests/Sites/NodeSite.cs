using SessionStores.Interop.Tests.Running;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>An Express site in the Node process.</summary>
internal sealed class NodeSite(NodeProcess process, Uri address) : Site(Runtime.Node, address)
{
    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(process.Patience);
        try
        {
            var response = await base.SendAsync(request, limit.Token);
            process.NoteResponse(response);
            return response;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            process.NoteDropped(request, failure);
            throw new CheckFailedException($"Expected: an answer of Node, but there was none: {failure.Message}");
        }
    }
}
