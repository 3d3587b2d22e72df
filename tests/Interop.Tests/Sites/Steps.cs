namespace SessionStores.Interop.Tests.Sites;

/// <summary>What one request does to its session, one after the other. Each side does it in its own terms.</summary>
internal static class Steps
{
    public static object?[] Id() => ["id"];

    public static object?[] Keys() => ["keys"];

    public static object?[] Get(string name) => ["get", name];

    /// <summary>Reads as text (<c>string</c>).</summary>
    public static object?[] GetText(string name) => ["getText", name];

    /// <summary>Reads as a double and answers what JavaScript prints for it.</summary>
    public static object?[] GetNumber(string name) => ["getNumber", name];

    /// <summary>Reads as an instant and answers milliseconds since 1970.</summary>
    public static object?[] GetDate(string name) => ["getDate", name];

    /// <summary>Reads as a Buffer and answers Base64.</summary>
    public static object?[] GetBuffer(string name) => ["getBuffer", name];

    public static object?[] Set(string name, object? value) => ["set", name, value];

    /// <summary>Assigns a double given as text.</summary>
    public static object?[] SetNumber(string name, string number) => ["setNumber", name, number];

    public static object?[] SetDate(string name, long milliseconds) => ["setDate", name, milliseconds];

    public static object?[] SetBuffer(string name, byte[] bytes) => ["setBuffer", name, Convert.ToBase64String(bytes)];

    public static object?[] Delete(string name) => ["delete", name];

    public static object?[] Push(string name, object? value) => ["push", name, value];

    public static object?[] Increment(string name) => ["increment", name];

    /// <summary>Assigns a member of an object that is a member of the session.</summary>
    public static object?[] Change(string name, string member, object? value) => ["change", name, member, value];

    public static object?[] Cookie() => ["cookie"];

    public static object?[] MaxAge(long? milliseconds) => ["maxAge", milliseconds];

    public static object?[] Touch() => ["touch"];

    public static object?[] Save() => ["save"];

    public static object?[] Reload() => ["reload"];

    /// <summary>A new id without the data.</summary>
    public static object?[] Regenerate() => ["regenerate"];

    /// <summary>What people see of the session (.NET).</summary>
    public static object?[] SetLabel(string label) => ["setLabel", label];

    /// <summary>Since when it has had its subject, when that was authenticated, and its label (.NET).</summary>
    public static object?[] Facts() => ["facts"];

    public static object?[] Destroy() => ["destroy"];

    /// <summary><c>req.session = null</c>.</summary>
    public static object?[] Unset() => ["unset"];

    /// <summary>Stops until the gate is opened.</summary>
    public static object?[] Gate(string name) => ["gate", name];

    /// <summary>.NET alone: a new id with the data.</summary>
    public static object?[] Rotate() => ["rotate"];

    /// <summary>.NET alone: <c>SetString</c>, <c>SetInt32</c> or <c>Set</c> of <c>HttpContext.Session</c>, by the type of the value.</summary>
    public static object?[] FrameworkSet(string name, object value) =>
        ["frameworkSet", name, value is byte[] bytes ? new { base64 = Convert.ToBase64String(bytes) } : value];

    /// <summary>.NET alone: <c>GetString</c>, <c>GetInt32</c> and the length of <c>Get</c> of <c>HttpContext.Session</c>.</summary>
    public static object?[] FrameworkGet(string name) => ["frameworkGet", name];

    /// <summary>.NET alone.</summary>
    public static object?[] SetSubject(string? subject) => ["setSubject", subject];

    /// <summary>.NET alone.</summary>
    public static object?[] GetSubject() => ["getSubject"];

    /// <summary>.NET alone: the absolute limit, in milliseconds since 1970.</summary>
    public static object?[] SetAbsolute(long milliseconds) => ["setAbsolute", milliseconds];

    /// <summary>.NET alone: why the request has the session it has.</summary>
    public static object?[] LoadResult() => ["loadResult"];
}
