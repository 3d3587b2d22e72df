using Microsoft.AspNetCore.SignalR;
using SessionStores.AspNetCore;

namespace SignalR;

/// <summary>A room for users who are logged in.</summary>
internal sealed class ChatHub(SessionAccess sessions, LiveConnections live) : Hub
{
    private const string IdKey = "session";

    public override Task OnConnectedAsync()
    {
        // The session of the request that opened the connection, as it was then.
        if (Context.GetHttpContext()?.GetHttpSession() is not { Subject: not null } session)
        {
            Context.Abort();
            return Task.CompletedTask;
        }

        Context.Items[IdKey] = session.Id;
        live.Add(session.Id, Context);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        live.Remove(Context);
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
}
