using System.Text;
using System.Text.Encodings.Web;
using SessionStores.AspNetCore;

namespace LoginDemo;

/// <summary>The pages of the demo: plain HTML with one style sheet of its own and nothing from elsewhere.</summary>
internal static class Pages
{
    public const string Html = "text/html; charset=utf-8";

    public static readonly string LogInFirst = Page("Please log in first", """
        <h1>Please log in first</h1>
        <p class="quiet">This page is for whoever is logged in.</p>
        <p><a class="button" href="/">Log in</a></p>
        """);

    public static readonly string LogOut = Page("Log out", """
        <h1>Log out?</h1>
        <p class="quiet">This ends the session on this device. <a href="/devices">Your devices</a> shows the others.</p>
        <form method="post" action="/logout"><button>Log out</button></form>
        """);

    public static string LogIn(string problem = "") => Page("Log in", $$"""
        <h1>Log in</h1>
        <p class="quiet">Any e-mail address and any password will do: this shows sessions, not accounts.</p>
        <form id="login" method="post" action="/login">
          <label for="email">E-mail</label>
          <input id="email" name="email" type="email" autocomplete="username" placeholder="you@example.com" required maxlength="254">
          <label for="pass">Password</label>
          <input id="pass" name="pass" type="password" autocomplete="current-password" required>
          <button type="submit">Log in</button>
          <p id="message" role="alert">{{Encode(problem)}}</p>
        </form>
        <script>
          document.getElementById('login').addEventListener('submit', async event => {
            event.preventDefault();
            const message = document.getElementById('message');
            try {
              const response = await fetch('/login', { method: 'POST', body: new URLSearchParams(new FormData(event.target)) });
              const text = await response.text();
              if (text === 'done') location.href = '/admin'; else message.textContent = text || 'Log-in failed.';
            } catch { message.textContent = 'The server did not respond.'; }
          });
        </script>
        """);

    public static string Admin(string email) => Page("Admin", $"""
        <h1>Hello {Encode(email)}</h1>
        <p class="quiet">You are logged in. The session holds until you log out or stay away for 20 minutes.</p>
        <p class="row"><a class="button" href="/devices">Your devices</a><a class="button plain" href="/logout">Log out</a></p>
        """);

    public static string Failure(string text) => Page("Sorry", $"""
        <h1>Sorry</h1>
        <p class="quiet" role="alert">{Encode(text)}</p>
        <p><a class="button" href="/">Home</a></p>
        """);

    public static string Devices(SessionInfoPage devices)
    {
        var rows = new StringBuilder();
        foreach (var device in devices.Sessions.OrderByDescending(record => record.CreatedAt).DistinctBy(record => record.Device))
        {
            var name = Encode(device.Label ?? "An unknown browser");
            var end = device.IsCurrent
                ? "<span class=\"this\">this device</span>"
                : $"<form method=\"post\" action=\"/devices/{device.Handle}/end\"><button class=\"plain\" aria-label=\"Log out {name}\">Log out</button></form>";
            rows.Append($"""
                <li id="{device.Handle}"><div><b>{name}</b><br>logged in {Time(device.AuthenticatedAt)}<br>last used {Time(device.LastSeenAt)}</div>{end}</li>
                """);
        }

        var more = devices.Continuation is { } next ? $"<p><a href=\"/devices?page={next}\">More devices</a></p>" : "";
        return Page("Your devices", $"""
            <h1>Your devices</h1>
            <ul class="devices">{rows}</ul>{more}
            <form method="post" action="/devices/end-others"><button>Log out everywhere else</button></form>
            """);
    }

    public static string Session(HttpSession session, string store)
    {
        var rows = new StringBuilder();
        Row(rows, "Store", store);
        Row(rows, "Id", session.IsNew ? "none yet: nothing is stored for a visitor without data" : Masked(session.Id));
        Row(rows, "Expires", session.IsNew ? "with the first thing stored" : session.ExpiresAt.ToString("u"));
        foreach (var name in session.Keys)
            Row(rows, name, Encoding.UTF8.GetString(session.GetRaw(name).Span));

        return Page("Your session", $"""
            <h1>Your session</h1>
            <table>{rows}</table>
            """);
    }

    private static string Masked(string id) => id.Length > 8 ? $"{id[..4]}…{new string('•', 8)}" : "••••";

    private static void Row(StringBuilder rows, string name, string value) =>
        rows.Append($"<tr><th scope=\"row\">{Encode(name)}</th><td>{Encode(value)}</td></tr>");

    private static string Time(DateTimeOffset? instant) => instant is { } at ? $"<time datetime=\"{at:O}\">{at:u}</time>" : "at an unknown time";

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static string Page(string title, string body) => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <title>{{title}} · SessionStores</title>
        <style>
          :root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6675; --paper: #fff; --ground: #eef1f6; --line: #d5dbe5; --accent: #2457d6; }
          @media (prefers-color-scheme: dark) { :root { --ink: #e8ecf3; --quiet: #9aa6b8; --paper: #1a2130; --ground: #10151f; --line: #313c4f; --accent: #6f9bff; } }
          * { box-sizing: border-box; }
          body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
          nav { width: 100%; max-width: 34rem; padding: 1.25rem 1rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; }
          nav b { flex: 1 0 8rem; letter-spacing: .01em; }
          @media (max-width: 30rem) { nav b { flex-basis: 100%; } }
          nav a { color: var(--quiet); text-decoration: none; }
          nav a:hover { color: var(--accent); }
          main { width: calc(100% - 2rem); max-width: 32rem; margin-top: 4vh; padding: 2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 12px 32px rgb(15 25 45 / .08); }
          h1 { margin: 0 0 .5rem; font-size: 1.5rem; overflow-wrap: anywhere; }
          .quiet { color: var(--quiet); margin-top: 0; }
          label { display: block; margin: 1rem 0 .25rem; font-weight: 600; font-size: .9rem; }
          input { width: 100%; padding: .6rem .7rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 8px; }
          input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
          button, .button { display: inline-block; margin-top: 1.25rem; padding: .6rem 1.2rem; font: inherit; font-weight: 600; color: #fff; background: #2457d6; border: 0; border-radius: 8px; text-decoration: none; cursor: pointer; }
          .plain { color: inherit; background: none; border: 1px solid var(--line); }
          .row { display: flex; flex-wrap: wrap; gap: 0 .75rem; }
          .devices { margin: 0; padding: 0; list-style: none; }
          .devices li { display: flex; gap: 1rem; justify-content: space-between; align-items: center; padding: .75rem 0; border-bottom: 1px solid var(--line); color: var(--quiet); overflow-wrap: anywhere; }
          .devices b { color: var(--ink); }
          .devices button { margin: 0; padding: .4rem .8rem; white-space: nowrap; }
          .this { color: var(--accent); white-space: nowrap; }
          #message { color: #c0392b; min-height: 1.5em; margin: .75rem 0 0; }
          table { width: 100%; border-collapse: collapse; }
          th, td { text-align: left; padding: .5rem .25rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
          th { width: 30%; color: var(--quiet); font-weight: 600; }
        </style>
        </head>
        <body>
        <nav><b>SessionStores</b><a href="/">Home</a><a href="/admin">Admin</a><a href="/session">Your session</a><a href="/devices">Your devices</a></nav>
        <main>{{body}}</main>
        </body>
        </html>
        """;
}
