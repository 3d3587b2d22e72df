namespace SessionStores.Interop.Tests.Sites;

/// <summary>Who serves a site.</summary>
public enum Runtime
{
    /// <summary>Express with express-session.</summary>
    Node,

    /// <summary>ASP.NET Core with SessionStores.</summary>
    DotNet,
}
