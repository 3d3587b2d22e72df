using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>Says at start that <c>UseSession</c> is in the pipeline beside ours: its middleware asks for its options when it is created, and nothing
/// else in the framework does.</summary>
internal sealed class FrameworkSessionCheck(MountedSets sets, ILoggerFactory loggers) : IPostConfigureOptions<SessionOptions>
{
    public void PostConfigure(string? name, SessionOptions options)
    {
        if (sets.ServeHttpContextSession)
            Log.TwoSessions(loggers.CreateLogger("SessionStores.AspNetCore"));
    }
}
