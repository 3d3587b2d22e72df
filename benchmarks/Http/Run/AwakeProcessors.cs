namespace SessionStores.Http.Run;

/// <summary>Keeps idle processors from halting while something is measured: in a virtual machine it takes the processor that wakes another one a
/// microsecond or more, which counts as time of the server whenever the load has nothing to do.</summary>
/// <remarks>Linux, PM QoS: a latency of 0 µs is asked for as long as the file is open. Needs root; elsewhere nothing is changed.</remarks>
internal sealed class AwakeProcessors : IDisposable
{
    private const string Interface = "/dev/cpu_dma_latency";
    private readonly FileStream? _request;

    private AwakeProcessors(FileStream? request) => _request = request;

    public bool IsGranted => _request is not null;

    public static AwakeProcessors Ask()
    {
        try
        {
            var request = new FileStream(Interface, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            request.Write(BitConverter.GetBytes(0));
            return new AwakeProcessors(request);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new AwakeProcessors(null);
        }
    }

    public void Dispose() => _request?.Dispose();
}
