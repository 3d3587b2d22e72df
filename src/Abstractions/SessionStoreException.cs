namespace SessionStores;

/// <summary>A store could not do what it was asked (L19). The driver's own exception is the inner one.</summary>
/// <remarks>The message names the store, the operation and the fault; it never holds an id, a payload or connection text (L21).</remarks>
public class SessionStoreException : Exception
{
    /// <summary>Makes an exception that names what failed.</summary>
    /// <param name="store">The name of the store, such as <c>RedisStore</c>.</param>
    /// <param name="operation">The operation, such as <c>Get</c>.</param>
    /// <param name="fault">Why it failed.</param>
    /// <param name="message">What failed and what to do about it, in a full sentence without secrets.</param>
    /// <param name="innerException">The driver's exception, if any.</param>
    /// <param name="mayHaveWritten">Whether the write may have been done. Null where that is not known: then it may have been, if the fault
    /// leaves it open.</param>
    public SessionStoreException(
        string store, string operation, SessionStoreFault fault, string message, Exception? innerException = null, bool? mayHaveWritten = null)
        : base($"{store}.{operation}: {message}", innerException)
    {
        Store = store;
        Operation = operation;
        Fault = fault;
        MayHaveWritten = mayHaveWritten ?? fault is SessionStoreFault.Unavailable or SessionStoreFault.Timeout or SessionStoreFault.Failed;
    }

    /// <summary>The name of the store, such as <c>RedisStore</c>.</summary>
    public string Store { get; }

    /// <summary>The operation that failed, such as <c>Get</c>.</summary>
    public string Operation { get; }

    /// <summary>Why it failed.</summary>
    public SessionStoreFault Fault { get; }

    /// <summary>Whether the same call can succeed later without anyone changing the program or its settings: the server cannot be reached, is slow, or
    /// takes no writes.</summary>
    /// <value>True for <see cref="SessionStoreFault.Unavailable"/>, <see cref="SessionStoreFault.Timeout"/> and
    /// <see cref="SessionStoreFault.ReadOnly"/>, which is how a change of the primary looks until the driver has found the new one.</value>
    public bool IsTransient => Fault is SessionStoreFault.Unavailable or SessionStoreFault.Timeout or SessionStoreFault.ReadOnly;

    /// <summary>Whether the write may have been done although the call failed: it was sent, and the reply is missing. When false, the session is as
    /// it was, and the same write can be made again.</summary>
    /// <value>False for reads, also for one that slides: at most the expiry has moved. True where a store cannot tell, and for a call
    /// of several steps once the first one may be done.</value>
    public bool MayHaveWritten { get; }
}
