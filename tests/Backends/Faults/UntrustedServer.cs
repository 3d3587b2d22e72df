using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SessionStores.Backends;

/// <summary>A server whose TLS certificate no client trusts. Clients leave during the handshake.</summary>
public sealed class UntrustedServer : IAsyncDisposable
{
    private readonly X509Certificate2 _certificate = Untrusted();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    /// <summary>Starts the server.</summary>
    /// <param name="agree">What a protocol exchanges before it begins TLS; null for nothing.</param>
    public UntrustedServer(Func<Stream, CancellationToken, Task>? agree = null)
    {
        _listener.Start();
        _serving = ServeAsync(agree, _stop.Token);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
        _certificate.Dispose();
    }

    private static X509Certificate2 Untrusted()
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private async Task ServeAsync(Func<Stream, CancellationToken, Task>? agree, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(cancellationToken);
                var stream = client.GetStream();
                if (agree is not null)
                    await agree(stream, cancellationToken);

                await using var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, cancellationToken);
                await tls.ReadExactlyAsync(new byte[1], cancellationToken);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or AuthenticationException)
            {
                // The client does not trust the certificate and leaves.
            }
        }
    }
}
