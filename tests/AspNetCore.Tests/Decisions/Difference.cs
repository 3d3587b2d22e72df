namespace SessionStores.AspNetCore.Tests.Decisions;

/// <summary>The deliberate differences from express-session, by the names under which docs/decisions explains them.</summary>
public enum Difference
{
    None,
    NoOrphan,
    CommitBeforeFirstByte,
    NothingToDestroy,
    CookieChangesCount,
    TouchIsPartOfTheContract,
    OneWritePerSave,
    NothingToWrite,
    ReadsExtend,
    ReloadIsTheBaseline,
    CookieClearedOnDestroy,
}
