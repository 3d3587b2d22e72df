namespace SessionStores;

/// <summary>A store that names the place where it keeps its sessions, so that two sets of sessions in one place are noticed when the application
/// starts. Optional.</summary>
public interface ISessionKeySpace
{
    /// <summary>The server and what distinguishes these sessions there, such as <c>Redis localhost:6379/0 sess:*</c>. Two stores with the same
    /// text share their sessions. Contains no user and no password (L21). Does no I/O.</summary>
    string KeySpace { get; }
}
