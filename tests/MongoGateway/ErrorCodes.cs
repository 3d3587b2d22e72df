namespace SessionStores.MongoGateway;

/// <summary>MongoDB's error codes for the SQLSTATEs of PostgreSQL and DocumentDB. https://www.mongodb.com/docs/manual/reference/error-codes/</summary>
internal static class ErrorCodes
{
    public const int InternalError = 1;
    public const int HostUnreachable = 6;
    public const int IllegalOperation = 20;
    public const int CursorNotFound = 43;
    public const int MaxTimeExpired = 50;
    public const int CommandNotFound = 59;

    private static readonly Dictionary<string, int> States = new(StringComparer.Ordinal)
    {
        ["M0001"] = 2,
        ["M0003"] = 9,
        ["M0004"] = 14,
        ["M0006"] = IllegalOperation,
        ["M0008"] = 26,
        ["42P01"] = 26, // undefined_table
        ["M0009"] = 27,
        ["M000D"] = 40,
        ["M000E"] = CursorNotFound,
        ["M000F"] = 48,
        ["57014"] = MaxTimeExpired, // query_canceled
        ["M000G"] = 52,
        ["M000M"] = 66,
        ["M000N"] = 67,
        ["M000P"] = 72,
        ["M000Q"] = 73,
        ["M000R"] = 85,
        ["M000S"] = 86,
        ["M00F1"] = 112,
        ["40001"] = 112, // serialization_failure
        ["40P01"] = 112, // deadlock_detected
        ["M000U"] = 115,
        ["M001B"] = 10334,
        ["M001C"] = 11000,
        ["23505"] = 11000, // unique_violation
        ["23P01"] = 11000, // exclusion_violation
        ["M003A"] = 17419,
        ["M003B"] = 17420,
        ["M007U"] = 40324,
    };

    private static readonly Dictionary<int, string> Names = new()
    {
        [InternalError] = "InternalError",
        [2] = "BadValue",
        [HostUnreachable] = "HostUnreachable",
        [9] = "FailedToParse",
        [14] = "TypeMismatch",
        [IllegalOperation] = "IllegalOperation",
        [26] = "NamespaceNotFound",
        [27] = "IndexNotFound",
        [CursorNotFound] = "CursorNotFound",
        [48] = "NamespaceExists",
        [MaxTimeExpired] = "MaxTimeMSExpired",
        [CommandNotFound] = "CommandNotFound",
        [67] = "CannotCreateIndex",
        [85] = "IndexOptionsConflict",
        [86] = "IndexKeySpecsConflict",
        [112] = "WriteConflict",
        [11000] = "DuplicateKey",
    };

    /// <summary>The code for a SQLSTATE.</summary>
    public static int Of(string state) => States.GetValueOrDefault(state, InternalError);

    /// <summary>The code for a SQLSTATE as PostgreSQL packs it into an integer: six bits a character, the first one lowest, counted from '0'.</summary>
    public static int OfPacked(int packed) => Of(string.Create(5, packed, static (state, rest) =>
    {
        foreach (ref var character in state)
        {
            character = (char)('0' + (rest & 0x3F));
            rest >>= 6;
        }
    }));

    /// <summary>The name that goes with a code.</summary>
    public static string NameOf(int code) => Names.GetValueOrDefault(code, $"Location{code}");
}
