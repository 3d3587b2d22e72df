using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;

namespace SessionStores.Docs.Tests;

#pragma warning disable IDE1006, CA1822 // The names are those of the variables in the documents.

/// <summary>What a snippet may use without declaring it: each is compiled as a method of a class that inherits these.</summary>
public abstract class Names
{
    // The program.
    protected static WebApplicationBuilder builder => null!;
    protected static WebApplication app => null!;
    protected static Action<SessionStoresOptions> configure => null!;
    protected static SessionStoresOptions options => null!;
    protected static TimeProvider clock => null!;
    protected static string connectionString => null!;
    protected static string current => null!;
    protected static string next => null!;
    protected static string oldSecret => null!;
    protected static string newSecret => null!;

    protected static Func<CancellationToken, ValueTask<string>> newToken => null!;

    // A request.
    protected static HttpContext context => null!;
    protected static HttpSession session => null!;
    protected static SessionAccess sessions => null!;
    protected static ClaimsPrincipal principal => null!;
    protected static string userId => null!;
    protected static bool remember => true;
    protected static ILogger logger => null!;
    protected static Func<HttpRequest, Task<string?>> check => null!;
    protected static Action<ILogger, Exception?> SignedOut => null!;

    // A store.
    protected static ISessionStore store => null!;
    protected static string id => null!;
    protected static ReadOnlyMemory<byte> payload => default;
    protected static ReadOnlyMemory<byte> changed => default;
}

/// <summary>A type of an application.</summary>
public sealed record Profile(string Name, int Age);
