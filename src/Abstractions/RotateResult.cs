namespace SessionStores;

/// <summary>What became of a rotation.</summary>
public readonly struct RotateResult : IEquatable<RotateResult>
{
    private RotateResult(RotateStatus status, SessionVersion version)
    {
        Status = status;
        Version = version;
    }

    /// <summary>What became of it.</summary>
    public RotateStatus Status { get; }

    /// <summary>The version of what is stored now, when the status is <see cref="RotateStatus.Rotated"/>.</summary>
    public SessionVersion Version { get; }

    /// <summary>The write was done; <paramref name="version"/> stands for what is stored now.</summary>
    public static RotateResult Rotated(SessionVersion version) => new(RotateStatus.Rotated, version);

    /// <summary>The write was not done.</summary>
    /// <param name="status">Why: any status but <see cref="RotateStatus.Rotated"/>.</param>
    public static RotateResult NotRotated(RotateStatus status) => status != RotateStatus.Rotated
        ? new(status, default)
        : throw new ArgumentOutOfRangeException(nameof(status), status, "The status must be one other than Rotated.");

    /// <inheritdoc/>
    public bool Equals(RotateResult other) => Status == other.Status && Version == other.Version;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RotateResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Status, Version);

    /// <summary>Whether two results are equal.</summary>
    public static bool operator ==(RotateResult left, RotateResult right) => left.Equals(right);

    /// <summary>Whether two results differ.</summary>
    public static bool operator !=(RotateResult left, RotateResult right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Status.ToString();
}
