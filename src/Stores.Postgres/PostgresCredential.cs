namespace SessionStores.Postgres;

/// <summary>What a connection signs in to PostgreSQL with (<see cref="PostgresStoreOptions.Credentials"/>).</summary>
/// <param name="user">The role; null for that of the connection string.</param>
/// <param name="password">The password or token.</param>
public readonly struct PostgresCredential(string? user, string? password)
{
    /// <summary>The role; null for that of the connection string.</summary>
    public string? User { get; } = user;

    /// <summary>The password or token.</summary>
    public string? Password { get; } = password;

    /// <summary>Names only the type: a password does not belong in a log.</summary>
    public override string ToString() => nameof(PostgresCredential);
}
