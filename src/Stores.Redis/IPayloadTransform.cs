namespace SessionStores.Redis;

/// <summary>Changes payloads on their way to and from Redis, such as an encryption; the <c>serializer</c> of connect-redis.</summary>
/// <remarks>
/// Called from many threads at once. A version is the stored bytes, so that two writes of one payload may differ. Redis cannot
/// read a transformed record: a read that slides takes a second command when the slide is due.
/// </remarks>
public interface IPayloadTransform
{
    /// <summary>Creates the bytes to store from a payload.</summary>
    /// <param name="payload">A UTF-8 JSON object. Valid only until the call returns.</param>
    /// <returns>One byte or more, in memory that is not changed afterwards.</returns>
    ReadOnlyMemory<byte> ToStored(ReadOnlyMemory<byte> payload);

    /// <summary>Creates the payload from stored bytes. An exception means that the record cannot be read
    /// (<see cref="SessionStoreFault.Unreadable"/>).</summary>
    /// <param name="stored">What is stored. It is not changed afterwards.</param>
    /// <returns>A UTF-8 JSON object, in memory that is not changed afterwards.</returns>
    ReadOnlyMemory<byte> FromStored(ReadOnlyMemory<byte> stored);
}
