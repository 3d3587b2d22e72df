namespace SessionStores;

/// <summary>What a round trip brought back for one call. If nothing is known, the call has to be sent by itself.</summary>
internal readonly record struct Reply<TResult>(bool IsKnown, TResult Value)
{
    public static implicit operator Reply<TResult>(TResult value) => new(true, value);
}

/// <summary>What shared round trips need of the connection of a store.</summary>
internal interface IRoundTripHost
{
    /// <summary>The time that a call has, and a round trip.</summary>
    Deadline Deadline { get; }

    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    void ThrowIfDisposed();

    /// <summary>Creates the exception for one caller: the time of its call is over, or the round trip failed after the call was sent and whether it
    /// was done is unknown.</summary>
    Exception Translate(string operation, Exception exception, CancellationToken cancellationToken);

    /// <summary>Logs that the calls of a round trip are sent one by one.</summary>
    void LogTakenApart(Exception exception);
}
