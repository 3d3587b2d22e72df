namespace SessionStores.Redis;

/// <summary>What a connection signs in to Redis with (<see cref="RedisStoreOptions.Credentials"/>).</summary>
/// <param name="user">The user of the ACL; null for the default user.</param>
/// <param name="password">The password or token.</param>
public readonly struct RedisCredential(string? user, string? password)
{
    /// <summary>The user of the ACL; null for the default user.</summary>
    public string? User { get; } = user;

    /// <summary>The password or token.</summary>
    public string? Password { get; } = password;

    /// <summary>Names only the type: a password does not belong in a log.</summary>
    public override string ToString() => nameof(RedisCredential);
}
