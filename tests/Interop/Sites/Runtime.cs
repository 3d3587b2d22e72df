namespace Interop.Sites;

/// <summary>Who serves a site.</summary>
internal enum Runtime
{
    /// <summary>Express with express-session.</summary>
    Node,

    /// <summary>ASP.NET Core with SessionStores.</summary>
    DotNet,
}
