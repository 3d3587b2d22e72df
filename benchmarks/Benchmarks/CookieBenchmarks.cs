using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Primitives;
using SessionStores.AspNetCore;

namespace SessionStores.Benchmarks;

/// <summary>What does the signed cookie cost a request?</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
public class CookieBenchmarks
{
    private const string Id = "Zt3mF0yV9rQ1bW7cK5xN8aL2dP4hS6uE";
    private SessionSecret[] _secrets = [];
    private byte[] _signed = [];
    private StringValues _header;
    private CookieReader _reader = new("", []);

    /// <summary>How many secrets there are; the cookie was signed with the last of them.</summary>
    [Params(1, 3)]
    public int Secrets { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _secrets = [.. Enumerable.Range(0, Secrets).Select(index => (SessionSecret)$"secret number {index} of 32 characters")];
        var value = CookieSignature.Sign(Id, _secrets[^1]);
        _signed = Encoding.UTF8.GetBytes(value["s:".Length..]);
        _header = $"theme=dark; connect.sid={Uri.EscapeDataString(value)}; consent=1";
        _reader = new CookieReader("connect.sid", _secrets);
    }

    [Benchmark]
    public string Sign() => CookieSignature.Sign(Id, _secrets[0]);

    [Benchmark]
    public bool Verify() => CookieSignature.TryVerify(_signed, _secrets, out _);

    [Benchmark]
    public string? ReadOneThatWasVerified()
    {
        _reader.Read(_header, out var id);
        return id;
    }
}
