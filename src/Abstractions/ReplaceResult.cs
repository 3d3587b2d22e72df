namespace SessionStores;

/// <summary>What became of a replacement.</summary>
public readonly struct ReplaceResult : IEquatable<ReplaceResult>
{
    private ReplaceResult(ReplaceStatus status, SessionVersion version)
    {
        Status = status;
        Version = version;
    }

    /// <summary>What became of it.</summary>
    public ReplaceStatus Status { get; }

    /// <summary>The version of what is stored now, when the status is <see cref="ReplaceStatus.Replaced"/>.</summary>
    public SessionVersion Version { get; }

    /// <summary>The write was done; <paramref name="version"/> stands for what is stored now.</summary>
    public static ReplaceResult Replaced(SessionVersion version) => new(ReplaceStatus.Replaced, version);

    /// <summary>The write was not done.</summary>
    /// <param name="status">Why: any status but <see cref="ReplaceStatus.Replaced"/>.</param>
    public static ReplaceResult NotReplaced(ReplaceStatus status) => status != ReplaceStatus.Replaced
        ? new(status, default)
        : throw new ArgumentOutOfRangeException(nameof(status), status, "The status must be one other than Replaced.");

    /// <inheritdoc/>
    public bool Equals(ReplaceResult other) => Status == other.Status && Version == other.Version;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReplaceResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Status, Version);

    /// <summary>Whether two results are equal.</summary>
    public static bool operator ==(ReplaceResult left, ReplaceResult right) => left.Equals(right);

    /// <summary>Whether two results differ.</summary>
    public static bool operator !=(ReplaceResult left, ReplaceResult right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Status.ToString();
}
