using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Mongo.Tests.Encryption;

public sealed class WebCryptoEncryptionTests
{
    /// <summary>Written by connect-mongo 6.0.0's <c>createWebCryptoAdapter</c>; the secret is <c>sup3r-secr3t</c>.</summary>
    public const string Sample =
        "YXAH2OpAv84A533MPhooJ7cz7RAQPWdH7QtWMdbhclpPWPdmTeJFH9MEQKBdhHcY9h6DhlDq7Tr5nbIX44uFkNMBYPgz8qao+65n53OrcgTo6TLrV0LNI2NHh07WY2j8H/SBFLpFeAISoO4Q1c26y2SfxAY=";

    [Fact]
    public async Task What_connect_mongo_encrypted_is_read()
    {
        var payload = await new WebCryptoEncryption("sup3r-secr3t").DecryptAsync(Sample);

        Assert.StartsWith("""{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}""", Encoding.UTF8.GetString(payload.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WebCryptoAlgorithm.AesGcm, CipherTextEncoding.Base64)]
    [InlineData(WebCryptoAlgorithm.AesGcm, CipherTextEncoding.Base64Url)]
    [InlineData(WebCryptoAlgorithm.AesGcm, CipherTextEncoding.Hex)]
    [InlineData(WebCryptoAlgorithm.AesCbc, CipherTextEncoding.Base64)]
    public async Task What_is_encrypted_is_read_again_byte_for_byte(WebCryptoAlgorithm algorithm, CipherTextEncoding encoding)
    {
        var encryption = new WebCryptoEncryption("secret é", algorithm, encoding, salt: "salt", iterations: 10);
        var payload = Encoding.UTF8.GetBytes("""{"cookie":{},"text":"Zoë 😀 \ud800","n": 1.0 }""");

        var text = await encryption.EncryptAsync(payload);
        var read = await encryption.DecryptAsync(text);

        Assert.Equal(payload, read.ToArray());
        Assert.NotEqual(text, await encryption.EncryptAsync(payload));
    }

    [Fact]
    public async Task Another_secret_salt_or_iteration_count_is_refused()
    {
        var text = await new WebCryptoEncryption("secret", salt: "salt", iterations: 10).EncryptAsync("{}"u8.ToArray());

        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await new WebCryptoEncryption("other", salt: "salt", iterations: 10).DecryptAsync(text));
        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await new WebCryptoEncryption("secret", salt: "pepper", iterations: 10).DecryptAsync(text));
        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await new WebCryptoEncryption("secret", salt: "salt", iterations: 11).DecryptAsync(text));
    }

    [Theory]
    [InlineData(WebCryptoAlgorithm.AesGcm)]
    [InlineData(WebCryptoAlgorithm.AesCbc)]
    public async Task Text_of_another_format_is_refused(WebCryptoAlgorithm algorithm)
    {
        var encryption = new WebCryptoEncryption("secret", algorithm, iterations: 1);

        foreach (var text in new[] { "", "{}", "AAAA", KrupteinEncryptionTests.Sample })
            await Assert.ThrowsAnyAsync<CryptographicException>(async () => await encryption.DecryptAsync(text));
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new WebCryptoEncryption(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebCryptoEncryption("x", (WebCryptoAlgorithm)2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebCryptoEncryption("x", encoding: (CipherTextEncoding)3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebCryptoEncryption("x", iterations: 0));
    }
}
