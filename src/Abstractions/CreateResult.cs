namespace SessionStores;

/// <summary>What became of a creation.</summary>
public readonly struct CreateResult : IEquatable<CreateResult>
{
    private CreateResult(CreateStatus status, SessionVersion version)
    {
        Status = status;
        Version = version;
    }

    /// <summary>What became of it.</summary>
    public CreateStatus Status { get; }

    /// <summary>The version of what is stored now, when the status is <see cref="CreateStatus.Created"/>.</summary>
    public SessionVersion Version { get; }

    /// <summary>The write was done; <paramref name="version"/> stands for what is stored now.</summary>
    public static CreateResult Created(SessionVersion version) => new(CreateStatus.Created, version);

    /// <summary>The write was not done.</summary>
    /// <param name="status">Why: any status but <see cref="CreateStatus.Created"/>.</param>
    public static CreateResult NotCreated(CreateStatus status) => status != CreateStatus.Created
        ? new(status, default)
        : throw new ArgumentOutOfRangeException(nameof(status), status, "The status must be one other than Created.");

    /// <inheritdoc/>
    public bool Equals(CreateResult other) => Status == other.Status && Version == other.Version;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CreateResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Status, Version);

    /// <summary>Whether two results are equal.</summary>
    public static bool operator ==(CreateResult left, CreateResult right) => left.Equals(right);

    /// <summary>Whether two results differ.</summary>
    public static bool operator !=(CreateResult left, CreateResult right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Status.ToString();
}
