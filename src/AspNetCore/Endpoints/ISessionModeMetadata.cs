namespace SessionStores.AspNetCore;

/// <summary>Endpoint metadata: what the endpoint wants of the session.</summary>
public interface ISessionModeMetadata
{
    /// <summary>What the endpoint wants.</summary>
    SessionMode Mode { get; }
}
