namespace SessionStores.Protection;

/// <summary>Places for objects of the system's cryptography, which one thread at a time may use.</summary>
internal static class Slots
{
    /// <summary>A power of two.</summary>
    public const int Count = 16;

    /// <summary>The place of the processor that this thread runs on.</summary>
    public static int Current => Thread.GetCurrentProcessorId() & (Count - 1);
}
