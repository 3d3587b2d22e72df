namespace SessionStores.Mongo;

/// <summary>The algorithms of connect-mongo's <c>createWebCryptoAdapter</c>, with a key of 256 bits.</summary>
public enum WebCryptoAlgorithm
{
    /// <summary>AES-GCM with an IV of 12 bytes: the default. Detects a changed text.</summary>
    AesGcm = 0,

    /// <summary>AES-CBC with an IV of 16 bytes, to read what a peer wrote. Does not detect every changed text.</summary>
    AesCbc = 1,
}
