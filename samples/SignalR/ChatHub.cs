using Microsoft.AspNetCore.SignalR;
using SessionStores.AspNetCore;

namespace SignalR;

/// <summary>A room for users who are logged in.</summary>
internal sealed class ChatHub(SessionAccess sessions) : Hub
{
    private const string IdKey = "session";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public override Task OnConnectedAsync()
    {
        // The session of the request that opened the connection, as it was then.
        if (Context.GetHttpContext()?.GetHttpSession() is not { Subject: not null } session)
        {
            Context.Abort();
            return Task.CompletedTask;
        }

        Context.Items[IdKey] = session.Id;
        _ = AbortWhenEndedAsync(Context, session.Id);
        return Task.CompletedTask;
    }

    public async Task Say(string text)
    {
        // The session as it is now; null after a log-out. Saving it without a change extends it: who chats is not idle.
        if (Context.Items[IdKey] is not string id || await sessions.LoadAsync(id) is not { } session)
        {
            Context.Abort();
            return;
        }

        await session.SaveAsync();
        await Clients.All.SendAsync("said", session.Subject, text);
    }

    /// <summary>Closes the connection when its session has ended: by log-out here or on another node, by "log out everywhere", or because it expired.</summary>
    private async Task AbortWhenEndedAsync(HubCallerContext connection, string id)
    {
        await sessions.WhenEndedAsync(id, Interval, connection.ConnectionAborted);
        connection.Abort();
    }
}
