namespace SessionStores.Moving;

/// <summary>How a session of the old side is on the new side.</summary>
public enum SessionDifferenceKind
{
    /// <summary>It is missing there: it was not moved yet.</summary>
    Missing = 1,

    /// <summary>It is there too, with the same payload, subject and lifetime: its move was not completed.</summary>
    Same,

    /// <summary>It is there with another payload.</summary>
    Payload,

    /// <summary>It is there for another subject, or with another key.</summary>
    Subject,

    /// <summary>It is there with another lifetime.</summary>
    Lifetime,
}
