namespace SessionStores.Conformance;

/// <summary>How a case ended.</summary>
public enum CaseOutcome
{
    /// <summary>The store does what the clause says.</summary>
    Passed = 1,

    /// <summary>The store breaks the clause, or could not be created.</summary>
    Failed = 2,

    /// <summary>The fixture does not offer what the case needs. Says nothing about the store.</summary>
    NotOffered = 3,

    /// <summary>The case did not run, because no case can: see <see cref="SessionStoreFixture.UnavailableReason"/>.</summary>
    Skipped = 4,

    /// <summary>The case ran and failed, as one of <see cref="SessionStoreFixture.Waivers"/> says.</summary>
    Waived = 5,

    /// <summary>The case did not run, because one of <see cref="SessionStoreFixture.Waivers"/> leaves its group out.</summary>
    LeftOut = 6,
}
