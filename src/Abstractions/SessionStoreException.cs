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
    public SessionStoreException(string store, string operation, SessionStoreFault fault, string message, Exception? innerException = null)
        : base($"{store}.{operation}: {message}", innerException)
    {
        Store = store;
        Operation = operation;
        Fault = fault;
    }

    /// <summary>The name of the store, such as <c>RedisStore</c>.</summary>
    public string Store { get; }

    /// <summary>The operation that failed, such as <c>Get</c>.</summary>
    public string Operation { get; }

    /// <summary>Why it failed.</summary>
    public SessionStoreFault Fault { get; }
}
