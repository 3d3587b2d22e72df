namespace SessionStores.AspNetCore.Tests.Decisions;

/// <summary>One row of the table: what happens, what express-session 1.19 does then, and what we do.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Visitor">How the request comes: none, bad, unsigned, gone or existing.</param>
/// <param name="Action">What the handler does; the path of an endpoint.</param>
/// <param name="Upstream">What express-session does, as observed by running it.</param>
/// <param name="Ours">What we do where that differs; null where it never does.</param>
/// <param name="Difference">The name of the difference.</param>
/// <param name="Unset">The option unset.</param>
public sealed record Scenario(
    string Name,
    string Visitor,
    string Action,
    Func<Choice, Outcome> Upstream,
    Func<Choice, Outcome>? Ours = null,
    Difference Difference = Difference.None,
    UnsetBehavior Unset = UnsetBehavior.Keep)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("no cookie, untouched", "none", "untouched", NewUntouched),
        new("invalid signature, untouched", "bad", "untouched", NewUntouched),
        new("unsigned cookie, untouched", "unsigned", "untouched", NewUntouched),
        new("session gone, untouched", "gone", "untouched", NewUntouched),
        new("no cookie, modified", "none", "modify", NewSaved),
        new("session gone, modified", "gone", "modify", NewSaved),
        new("no cookie, modified after the headers", "none", "late",
            choice => Outcome.Of("set", choice.SaveUninitialized),
            choice => choice.SaveUninitialized ? Outcome.Of("set set", true) : Outcome.Of("", false), Difference.NoOrphan),
        new("no cookie, saved explicitly", "none", "save",
            choice => Outcome.Of("set", choice.SaveUninitialized), NewSaved, Difference.NoOrphan),
        new("no cookie, regenerated", "none", "regenerate",
            _ => Outcome.Of("destroy set", true), NewSaved, Difference.NothingToDestroy),

        new("existing, untouched", "existing", "untouched", Untouched),
        new("existing, touched", "existing", "touch", Untouched),
        new("existing, cookie changed", "existing", "cookie", Untouched, _ => Outcome.Of("set", true), Difference.CookieChangesCount),
        new("existing, changed and reverted", "existing", "revert", Untouched),
        new("existing, reloaded unchanged", "existing", "reload", Untouched),
        new("existing, store without touch", "existing", "untouched",
            choice => Outcome.Of(choice.Resave ? "set" : "", choice.Rolling), Untouched, Difference.TouchIsPartOfTheContract),
        new("existing, modified", "existing", "modify", choice => Outcome.Of("set", Renewed(choice))),
        new("existing, modified after the headers", "existing", "late",
            choice => Outcome.Of("set", choice.Rolling),
            choice => Outcome.Of(choice.Resave ? "set set" : "set", choice.Rolling), Difference.CommitBeforeFirstByte),
        new("existing, saved explicitly", "existing", "save",
            choice => Outcome.Of("set touch", choice.Rolling),
            choice => Outcome.Of("touch", choice.Rolling), Difference.NothingToWrite),
        new("existing, modified and saved", "existing", "modify-save",
            choice => Outcome.Of("set touch", Renewed(choice)),
            choice => Outcome.Of("set", Renewed(choice)), Difference.OneWritePerSave),
        new("existing, saved and modified", "existing", "save-modify",
            choice => Outcome.Of("set set", Renewed(choice)),
            choice => Outcome.Of("touch set", Renewed(choice)), Difference.NothingToWrite),
        new("existing, modified, saved and reloaded", "existing", "modify-save-reload",
            choice => Outcome.Of("set touch", Renewed(choice)),
            choice => Outcome.Of("set", Renewed(choice)), Difference.OneWritePerSave),
        new("existing, changed by another writer and reloaded", "existing", "foreign-reload",
            choice => Outcome.Of("set", Renewed(choice)), Untouched, Difference.ReloadIsTheBaseline),
        new("existing, regenerated", "existing", "regenerate", _ => Outcome.Of("destroy set", true)),
        new("existing, regenerated and modified", "existing", "regenerate-modify", _ => Outcome.Of("destroy set", true)),
        new("existing, regenerated and saved", "existing", "regenerate-save",
            _ => Outcome.Of("destroy set set", true), _ => Outcome.Of("destroy set", true), Difference.OneWritePerSave),
        new("existing, destroyed", "existing", "destroy",
            _ => Outcome.Of("destroy", false), _ => new Outcome("destroy", "cleared"), Difference.CookieClearedOnDestroy),
        new("existing, destroyed with unset=destroy", "existing", "destroy",
            _ => Outcome.Of("destroy destroy", false), _ => new Outcome("destroy", "cleared"), Difference.CookieClearedOnDestroy, UnsetBehavior.Destroy),
        new("existing, unset with unset=keep", "existing", "unset",
            _ => Outcome.Of("", false), _ => Outcome.Of("touch", false), Difference.ReadsExtend),
        new("existing, unset with unset=destroy", "existing", "unset",
            _ => Outcome.Of("destroy", false), _ => new Outcome("destroy", "cleared"), Difference.CookieClearedOnDestroy, UnsetBehavior.Destroy),
    ];

    private static Outcome NewUntouched(Choice choice) => Outcome.Of(choice.SaveUninitialized ? "set" : "", choice.SaveUninitialized);

    private static Outcome NewSaved(Choice choice) => Outcome.Of("set", true);

    private static Outcome Untouched(Choice choice) => Outcome.Of(choice.Resave ? "set" : "touch", choice.Rolling);

    private static bool Renewed(Choice choice) => choice.Rolling || choice.HasMaxAge;
}
