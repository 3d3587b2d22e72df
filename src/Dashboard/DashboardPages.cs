using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.Dashboard.Pages;

namespace SessionStores.Dashboard;

/// <summary>The requests of a dashboard. Each is one page; what changes something is a form with a token.</summary>
internal sealed class DashboardPages(SessionDashboardOptions options, SessionAccess sessions, ISessionStore store, TimeProvider clock, ILogger logger)
{
    /// <summary>Nothing but the style sheet of the dashboard and its own forms: what a session holds can be text of an attacker.</summary>
    private const string ContentPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>An id that no session has: ids are random.</summary>
    private const string ProbeId = "sessionstores-probe-of-dashboard";

    public Task StartAsync(HttpContext context) => ShowAsync(context, "", async frame =>
    {
        var started = clock.GetTimestamp();
        await store.GetAsync(ProbeId, cancellationToken: context.RequestAborted);
        var taken = clock.GetElapsedTime(started);
        var enumeration = store.GetCapability<ISessionEnumeration>();
        var count = enumeration is not null && context.Request.Query.ContainsKey("count") ? await enumeration.LengthAsync(context.RequestAborted) : (long?)null;
        return Page<StartPage>(new { Frame = frame, Milliseconds = taken.TotalMilliseconds, Count = count, CanCount = enumeration is not null });
    });

    public Task SubjectAsync(HttpContext context) => ShowAsync(context, "/subject", async frame =>
    {
        if (TextOf(context, "subject") is not { } subject)
            return Results.Redirect(frame.Root);

        var after = TextOf(context, "after");
        var page = await sessions.PageBySubjectAsync(subject, options.PageSize, after, cancellationToken: context.RequestAborted);
        var count = await sessions.CountBySubjectAsync(subject, context.RequestAborted);
        return Page<SubjectPage>(new { Frame = frame, Subject = subject, Count = count, page.Sessions, IsFirst = after is null, Next = page.Continuation });
    });

    public Task SessionAsync(HttpContext context) => ShowAsync(context, "/session", async frame =>
    {
        if (TextOf(context, "subject") is not { } subject || TextOf(context, "handle") is not { } handle)
            return Results.Redirect(frame.Root);

        if (await sessions.LoadByHandleAsync(subject, handle, context.RequestAborted) is not { } session)
            return Page<MissingPage>(new { Frame = frame, Subject = subject }, StatusCodes.Status404NotFound);

        var showsValues = options.ValuesPolicy is { } policy
            && (await context.RequestServices.GetRequiredService<IAuthorizationService>().AuthorizeAsync(context.User, null, policy)).Succeeded;
        if (showsValues)
            Log.ValuesSeen(logger, OperatorOf(context), session.Handle, subject);

        IReadOnlyList<MemberRow> members = [.. session.Keys.Select(name => MemberRow.Of(name, session.GetRaw(name), showsValues))];
        return Page<DetailsPage>(new { Frame = frame, Subject = subject, Session = session, Members = members });
    });

    public Task ConfirmEndAllAsync(HttpContext context) => ShowAsync(context, "/end-all", async frame =>
    {
        if (TextOf(context, "subject") is not { } subject)
            return Results.Redirect(frame.Root);

        return Page<EndAllPage>(new { Frame = frame, Subject = subject, Count = await sessions.CountBySubjectAsync(subject, context.RequestAborted) });
    });

    public Task EndAsync(HttpContext context) => ChangeAsync(context, "/end", async (frame, form) =>
    {
        if (form["subject"] is not [{ Length: > 0 } subject] || form["handle"] is not [{ Length: > 0 } handle])
            return null;

        var ended = await sessions.DestroyByHandleAsync(subject, handle, context.RequestAborted);
        if (ended)
            Log.SessionEnded(logger, OperatorOf(context), handle, subject);

        return Done(context, frame.SubjectUrl(subject), ended ? "ended" : "gone");
    });

    public Task EndAllAsync(HttpContext context) => ChangeAsync(context, "/end-all", async (frame, form) =>
    {
        if (form["subject"] is not [{ Length: > 0 } subject])
            return null;

        var count = await sessions.DestroyBySubjectAsync(subject, cancellationToken: context.RequestAborted);
        Log.AllSessionsEnded(logger, OperatorOf(context), count, subject);
        return Done(context, frame.SubjectUrl(subject), "all-ended");
    });

    /// <summary>Writes a page, which <paramref name="suffix"/> names after the place of the dashboard.</summary>
    private async Task ShowAsync(HttpContext context, string suffix, Func<PageFrame, Task<IResult>> show)
    {
        if (!PolicyCheck.Allows(context.GetEndpoint(), context.RequestServices.GetRequiredService<IHostEnvironment>()))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var frame = FrameOf(context, suffix);
        var headers = context.Response.Headers; // after the token, which has an opinion on caches of its own
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // an address names a user
        IResult result;
        try
        {
            result = await show(frame);
        }
        catch (SessionStoreException failure)
        {
            result = Page<FailurePage>(new { Frame = frame, Title = "The store failed", Failure = failure.Message }, StatusCodes.Status503ServiceUnavailable);
        }

        await result.ExecuteAsync(context);
    }

    /// <summary>Does what a form asks for; <paramref name="change"/> returns null where a field is missing.</summary>
    private Task ChangeAsync(HttpContext context, string suffix, Func<PageFrame, IFormCollection, Task<IResult?>> change) => ShowAsync(context, suffix, async frame =>
    {
        var antiforgery = context.RequestServices.GetRequiredService<IAntiforgery>();
        var result = context.Request.HasFormContentType && await antiforgery.IsRequestValidAsync(context)
            ? await change(frame, await context.Request.ReadFormAsync(context.RequestAborted))
            : null;
        return result ?? Page<FailurePage>(
            new { Frame = frame, Title = "Nothing was changed", Failure = "The form did not come from this dashboard, or you signed in again after it was opened. Open the page again, and repeat the action." },
            StatusCodes.Status400BadRequest);
    });

    private PageFrame FrameOf(HttpContext context, string suffix)
    {
        var token = options.IsReadOnly ? null : context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        var notice = context.Request.Query["done"].ToString() switch
        {
            "ended" => "The session was ended.",
            "gone" => "The session had ended already.",
            "all-ended" => "All sessions were ended.",
            _ => null,
        };
        var root = $"{context.Request.PathBase}{context.Request.Path}".TrimEnd('/')[..^suffix.Length]; // the dashboard may be in a group
        return new PageFrame(root, store.KeySpace ?? store.GetType().Name, token, notice);
    }

    private static string OperatorOf(HttpContext context) => context.User.Identity?.Name ?? "An operator without a name";

    private static string? TextOf(HttpContext context, string name) => context.Request.Query[name] is [{ } text] && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    /// <summary>Shows the result on a page of its own, so that reloading it does nothing again.</summary>
    private static IResult Done(HttpContext context, string url, string result)
    {
        context.Response.Headers.Location = $"{url}&done={result}";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static RazorComponentResult<TPage> Page<TPage>(object parameters, int status = StatusCodes.Status200OK)
        where TPage : IComponent => new(parameters) { StatusCode = status, PreventStreamingRendering = true };
}
