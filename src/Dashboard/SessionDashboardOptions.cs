namespace SessionStores.Dashboard;

/// <summary>What the dashboard shows and does.</summary>
public sealed class SessionDashboardOptions
{
    private const int LargestPage = 1000;

    /// <summary>The set of sessions.</summary>
    /// <value>Empty by default: the default one. Otherwise the name that <c>AddSessionStores</c> was given.</value>
    public string Sessions { get; set; } = "";

    /// <summary>Whether sessions can only be looked at.</summary>
    /// <value>False by default.</value>
    public bool IsReadOnly { get; set; }

    /// <summary>The authorization policy of those who may see the values of a session.</summary>
    /// <value>Null by default: no person sees values, only the names, kinds and sizes of the members.</value>
    public string? ValuesPolicy { get; set; }

    /// <summary>How many sessions a page has.</summary>
    /// <value>50 by default; 1 to 1,000.</value>
    public int PageSize { get; set; } = 50;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Sessions);
        if (PageSize is < 1 or > LargestPage)
            throw new ArgumentException($"{nameof(SessionDashboardOptions)}.{nameof(PageSize)} must be 1 to {LargestPage:N0}, but is {PageSize}.");
    }
}
