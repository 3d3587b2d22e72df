using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SessionStores.AspNetCore;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>What a request can do to its <see cref="HttpSession"/>: the same operations as <c>node/operations.js</c>.</summary>
internal static class DotNetOperations
{
    public static async Task<JsonNode?> DoAsync(HttpContext context, HttpSession session, DotNetGates gates, JsonElement step)
    {
        var name = step.GetArrayLength() > 1 && step[1].ValueKind == JsonValueKind.String ? step[1].GetString()! : "";
        switch (step[0].GetString())
        {
            case "id":
                return session.Id;
            case "keys":
                return new JsonArray([.. session.Keys.Select(key => JsonValue.Create(key))]);
            case "get":
                return Parse(session.GetRaw(name));
            case "getText":
                return session.Get<string>(name);
            case "getNumber":
                return AsJavaScript(session.Get<double>(name));
            case "getDate":
                return session.Get<DateTimeOffset>(name).ToUnixTimeMilliseconds();
            case "getBuffer":
                return Convert.ToBase64String([.. session.Get<NodeBuffer>(name)!.data.Select(item => (byte)item)]);

            case "set":
                session.Set(name, step[2]);
                return null;
            case "setNumber":
                session.Set(name, double.Parse(step[2].GetString()!, CultureInfo.InvariantCulture));
                return null;
            case "setDate":
                session.Set(name, DateTimeOffset.FromUnixTimeMilliseconds(step[2].GetInt64()));
                return null;
            case "setBuffer":
                session.Set(name, NodeBuffer.Of(step[2].GetBytesFromBase64()));
                return null;
            case "delete":
                session.Remove(name);
                return null;
            case "push":
                session.Update<List<JsonElement>>(name, list => [.. list ?? [], step[2]]);
                return null;
            case "increment":
                session.Update<int>(name, count => count + 1);
                return null;
            case "change":
                session.Update<Dictionary<string, JsonElement>>(name, members => new(members ?? []) { [step[2].GetString()!] = step[3] });
                return null;

            case "frameworkSet":
                FrameworkSet(context.Session, name, step[2]);
                return null;
            case "frameworkGet":
                return new JsonArray(context.Session.GetString(name), context.Session.GetInt32(name), Convert.ToBase64String(context.Session.Get(name) ?? []));

            case "gate":
                await gates.StopAtAsync(name);
                return null;
            case "unset":
                context.UnsetSession();
                return null;
            case "loadResult":
                return context.GetSessionLoadResult().ToString();
            default:
                return await ChangeLifeAsync(session, step);
        }
    }

    private static async Task<JsonNode?> ChangeLifeAsync(HttpSession session, JsonElement step)
    {
        switch (step[0].GetString())
        {
            case "cookie":
                return Describe(session.Cookie);
            case "maxAge":
                session.Cookie.MaxAge = step[1].ValueKind == JsonValueKind.Null ? null : TimeSpan.FromMilliseconds(step[1].GetDouble());
                return null;
            case "touch":
                session.Touch();
                return null;
            case "save":
                await session.SaveAsync();
                return null;
            case "reload":
                await session.ReloadAsync();
                return null;
            case "regenerate":
                await session.RegenerateAsync();
                return null;
            case "rotate":
                await session.RegenerateAsync(keepData: true);
                return null;
            case "destroy":
                await session.DestroyAsync();
                return null;
            case "setSubject":
                session.Subject = step[1].GetString();
                return null;
            case "getSubject":
                return session.Subject;
            case "setLabel":
                session.Label = step[1].GetString();
                return null;
            case "facts":
                return new JsonArray(session.CreatedAt?.ToUnixTimeMilliseconds(), session.AuthenticatedAt?.ToUnixTimeMilliseconds(), session.Label);
            case "setAbsolute":
                session.AbsoluteExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(step[1].GetInt64());
                return null;
            default:
                throw new InvalidOperationException($"There is no operation {step[0]}.");
        }
    }

    private static void FrameworkSet(ISession session, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            session.SetString(name, value.GetString()!);
        else if (value.ValueKind == JsonValueKind.Number)
            session.SetInt32(name, value.GetInt32());
        else
            session.Set(name, value.GetProperty("base64").GetBytesFromBase64());
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> json) =>
        json.IsEmpty ? null : JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 2000 });

    // The names and values of JavaScript, so that both sides answer alike.
    private static JsonObject Describe(SessionCookie cookie) => new()
    {
        ["originalMaxAge"] = cookie.OriginalMaxAge?.TotalMilliseconds,
        ["expires"] = cookie.Expires?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        ["remaining"] = cookie.MaxAge?.TotalMilliseconds,
        ["path"] = cookie.Path,
        ["domain"] = cookie.Domain,
        ["httpOnly"] = cookie.HttpOnly,
        ["secure"] = cookie.Secure ? true : null,
        ["sameSite"] = cookie.SameSite == SessionSameSite.Unset ? null : cookie.SameSite.ToString().ToLowerInvariant(),
    };

    /// <summary>A double as JavaScript's <c>String(number)</c> prints it, for the numbers of the scenarios.</summary>
    private static string AsJavaScript(double number)
    {
        if (number == 0)
            return "0";

        var text = number.ToString("R", CultureInfo.InvariantCulture);
        if (Math.Abs(number) is >= 1e-6 and < 1e21)
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) ? plain.ToString("0.#############################", CultureInfo.InvariantCulture) : text;

        var exponent = text.IndexOf('E', StringComparison.Ordinal);
        return $"{text[..exponent]}e{text[exponent + 1]}{text[(exponent + 2)..].TrimStart('0')}";
    }

    /// <summary>What <c>JSON.stringify</c> makes of a Buffer.</summary>
#pragma warning disable IDE1006 // The names are those of JavaScript.
    private sealed record NodeBuffer(string type, int[] data)
    {
        public static NodeBuffer Of(byte[] bytes) => new("Buffer", [.. bytes.Select(item => (int)item)]);
    }
#pragma warning restore IDE1006
}
