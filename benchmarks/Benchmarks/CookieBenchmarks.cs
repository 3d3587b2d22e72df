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
    private StringValues _header;

    /// <summary>How many secrets there are; the cookie was signed with the last of them.</summary>
    [Params(1, 3)]
    public int Secrets { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _secrets = [.. Enumerable.Range(0, Secrets).Select(index => new SessionSecret($"secret number {index} of 32 characters"))];
        var value = Uri.EscapeDataString(CookieSignature.Sign(Id, _secrets[^1]));
        _header = $"theme=dark; connect.sid={value}; consent=1";
    }

    [Benchmark]
    public string Sign() => CookieSignature.Sign(Id, _secrets[0]);

    [Benchmark]
    public string? ReadAndVerify()
    {
        CookieReader.Read(_header, "connect.sid", _secrets, out var id);
        return id;
    }
}
