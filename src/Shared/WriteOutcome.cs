namespace SessionStores;

/// <summary>Whether a call that failed may have written (<see cref="SessionStoreException.MayHaveWritten"/>).</summary>
internal static class WriteOutcome
{
    /// <param name="operation">The operation, as exceptions name it.</param>
    /// <param name="wasNotDone">Whether the command that failed was certainly not done.</param>
    public static bool MayHaveWritten(string operation, bool wasNotDone) => operation switch
    {
        "Get" or "All" or "Length" or "ListBySubject" or "CountBySubject" or "ListByKey" or "CountByKey" or "Script" => false,

        // Batches before the one that failed are done.
        "Clear" or "DestroyBySubject" or "DestroyByKey" or "Prune" or "SetUp" => true,
        _ => !wasNotDone,
    };

    /// <summary>The exception of a step that followed one which has written.</summary>
    public static SessionStoreException AfterWrite(SessionStoreException exception)
    {
        if (exception.MayHaveWritten)
            return exception;

        var prefix = $"{exception.Store}.{exception.Operation}: ";
        return new(exception.Store, exception.Operation, exception.Fault, exception.Message[prefix.Length..], exception.InnerException, mayHaveWritten: true);
    }
}
