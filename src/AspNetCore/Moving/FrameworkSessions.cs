using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;

namespace SessionStores.AspNetCore;

/// <summary>Where the sessions of ASP.NET Core's own middleware are that a set of sessions takes over.</summary>
internal sealed record FrameworkSessions(SessionOptions Options, IDistributedCache Cache, IDataProtectionProvider Protection);
