namespace SessionStores.Moving;

/// <summary>How sessions are moved.</summary>
public sealed class MovingStoreOptions
{
    /// <summary>Which side leads.</summary>
    /// <value><see cref="MovingStage.Move"/> by default. The first roll-out uses <see cref="MovingStage.Prepare"/>, so that every node knows both sides before
    /// the first session moves.</value>
    public MovingStage Stage { get; set; } = MovingStage.Move;

    internal void Validate()
    {
        if (!Enum.IsDefined(Stage))
            throw new ArgumentException($"{nameof(MovingStoreOptions)}.{nameof(Stage)} must be {nameof(MovingStage.Prepare)} or {nameof(MovingStage.Move)}, but is {(int)Stage}.");
    }
}
