namespace SessionStores.Postgres;

/// <summary>A call to the server that its caller may stop waiting for.</summary>
/// <remarks>To cancel it makes the driver cancel the statement at the server and end the connection, which blocks for as long as the server is
/// silent. It holds nothing that would have to be disposed.</remarks>
internal sealed class Call : CancellationTokenSource
{
    private volatile bool _isAbandoned;

    /// <summary>Says that nobody waits any more, so that nothing is begun that has not been yet.</summary>
    public void Abandon() => _isAbandoned = true;

    /// <summary>Keeps a statement from running long after its caller was told that it failed.</summary>
    public void ThrowIfAbandoned()
    {
        if (_isAbandoned)
            throw new OperationCanceledException("Nobody waits for this call any more.");
    }
}
