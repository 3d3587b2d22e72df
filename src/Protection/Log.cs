using Microsoft.Extensions.Logging;

namespace SessionStores.Protection;

/// <summary>The messages of this package: event ids 6000 to 6099.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Information, "Sessions are protected with key {Key}; {Older} older keys open what was written before.", EventName = "KeysInUse")]
    public static partial void KeysInUse(ILogger logger, string key, int older);

    [LoggerMessage(6001, LogLevel.Error, "SessionProtectionOptions.KeyRing failed. The keys that it returned last are kept.", EventName = "KeyRingFailed")]
    public static partial void KeyRingFailed(ILogger logger, Exception exception);

    [LoggerMessage(6010, LogLevel.Warning, "{Records} stored records were refused and are no sessions: {Reason}. Refusals for the same reason are reported once a minute.", EventName = "RecordsRefused")]
    public static partial void RecordsRefused(ILogger logger, long records, string reason);

    [LoggerMessage(6011, LogLevel.Warning, "{Records} sessions without protection were read, because AcceptUnprotected is set. They are protected when they are next written; call ResealAsync for the rest, then unset it. Reported once a minute.", EventName = "UnprotectedAccepted")]
    public static partial void UnprotectedAccepted(ILogger logger, long records);

    [LoggerMessage(6012, LogLevel.Information, "{Records} sessions were protected with key {Key}, which were protected with an older key or not at all.", EventName = "Resealed")]
    public static partial void Resealed(ILogger logger, long records, string key);
}
