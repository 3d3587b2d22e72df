using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Mongo.Tests.Encryption;

public sealed class KrupteinEncryptionTests
{
    /// <summary>Written by connect-mongo 6.0.0 with kruptein 3.0.8; the secret is <c>squirrel</c>.</summary>
    public const string Sample =
        "MIIB6gSBkFpFQ08xQUVJanVtbTdQbG5yWjE5NUZLWWdmMWpWVFB6Wlh2cXhsUnAzbmp4UHhUb3ludVhEclhhNVJaS1YzNmFlLzQ3bG1ObHVRaVFZS3U3NVhY"
        + "MEZYSVBGM3BmM3JlVGUxcndHalJ6dVpWZWZVWEJBWjBTZFBSM2l1MHJINmhVc1dTdzBta05aVmcvdXc9PQRYWlE1amVxY2tickJOb3BBTmhyemhlRUdQNU16"
        + "RG1FaVgyY3hIYmNsS3A2bHUzRUluZjhXMFBaTWpKemRmZ0liT2lFMFJiSnF1TnFjUGZ1dUZncWJiMEE9PQQMStuVd9Zoz2FtCaj+BIGAgQh4jJrpc6pvKDcj"
        + "NakGzkHi6HWWXPaV1xoNOZxlyk+KHnkrGZvs9HBFzuQzRxfL/FB5WLOhZd1/yLBD4+pxer3HStvzN0YejOv6GaKc/FJLTmjKDxoVfipGFJQEbr+zfv1GRjPr"
        + "1kLs0GCQgAHv+qDgL1d0VkR3OF63131bLksEEN1/7msaS1kuXM5j6q9ypqIEWGN0enRqOTFTU2VnQmI2U0hLRERaQ1lSdHNPbHpYL0NxbmRhWmJDa2pITUc1"
        + "dCt5a0FvL0FjY0pmb1RXNVo0ekZoaDdQRVRGQlc5VEFyYWRxU3A0Nkd3PT0=";

    public const string SamplePayload = """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"foo":"bar"}""";

    [Fact]
    public async Task What_connect_mongo_encrypted_is_read()
    {
        var payload = await new KrupteinEncryption("squirrel").DecryptAsync(Sample);

        Assert.Equal(SamplePayload, Encoding.UTF8.GetString(payload.Span));
    }

    [Theory]
    [InlineData(CipherTextEncoding.Base64)]
    [InlineData(CipherTextEncoding.Base64Url)]
    [InlineData(CipherTextEncoding.Hex)]
    public async Task What_is_encrypted_is_read_again_byte_for_byte(CipherTextEncoding encoding)
    {
        var encryption = new KrupteinEncryption("secret é", encoding);
        var payload = Encoding.UTF8.GetBytes("""{"cookie":{},"text":"Zoë \"q\" \\ <b>&'+/ 😀 \ud800 \n","n": 1.0 }""");

        var text = await encryption.EncryptAsync(payload);
        var read = await encryption.DecryptAsync(text);

        Assert.Equal(payload, read.ToArray());
        Assert.NotEqual(text, await encryption.EncryptAsync(payload));
    }

    [Fact]
    public async Task Another_secret_is_refused()
    {
        await Assert.ThrowsAsync<CryptographicException>(async () => await new KrupteinEncryption("hedgehog").DecryptAsync(Sample));
    }

    [Fact]
    public async Task A_change_anywhere_in_the_bytes_is_refused()
    {
        var bytes = Convert.FromBase64String(Sample);
        for (var place = 0; place < bytes.Length; place += 7)
        {
            var changed = bytes.ToArray();
            changed[place] ^= 1;

            await Assert.ThrowsAnyAsync<CryptographicException>(async () => await new KrupteinEncryption("squirrel").DecryptAsync(Convert.ToBase64String(changed)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("{}")]
    [InlineData("MIIB")]
    [InlineData("MAA=")]
    public async Task Text_of_another_format_is_refused(string text)
    {
        var exception = await Assert.ThrowsAsync<CryptographicException>(async () => await new KrupteinEncryption("squirrel").DecryptAsync(text));

        Assert.Equal("The text is not in kruptein's format.", exception.Message);
    }

    [Fact]
    public void A_secret_is_needed()
    {
        Assert.Throws<ArgumentException>(() => new KrupteinEncryption(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KrupteinEncryption("x", (CipherTextEncoding)3));
    }
}
