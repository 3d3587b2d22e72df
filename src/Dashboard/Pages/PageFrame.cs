using Microsoft.AspNetCore.Antiforgery;

namespace SessionStores.Dashboard.Pages;

/// <summary>What every page shows.</summary>
/// <param name="Root">Where the dashboard is, as the browser sees it.</param>
/// <param name="Store">The server and the place of the sessions there.</param>
/// <param name="Token">What a form must send back; null where nothing can be changed.</param>
/// <param name="Notice">The result of the last action, or null.</param>
public sealed record PageFrame(string Root, string Store, AntiforgeryTokenSet? Token, string? Notice)
{
    /// <summary>The address of the sessions of a subject.</summary>
    public string SubjectUrl(string subject, string? after = null) =>
        $"{Root}/subject?subject={Uri.EscapeDataString(subject)}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}";

    /// <summary>The address of a session.</summary>
    public string SessionUrl(string subject, string handle) => $"{Root}/session?subject={Uri.EscapeDataString(subject)}&handle={Uri.EscapeDataString(handle)}";

    /// <summary>The address of the question whether all sessions of a subject are to end.</summary>
    public string EndAllUrl(string subject) => $"{Root}/end-all?subject={Uri.EscapeDataString(subject)}";
}
