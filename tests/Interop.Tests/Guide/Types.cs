namespace SessionStores.Interop.Tests.Guide;

/// <summary>A type of the application in the snippets of docs/from-express.md.</summary>
internal sealed record Profile(string Name, int Age);

/// <summary>What <c>JSON.stringify</c> makes of a Buffer, in docs/from-express.md.</summary>
#pragma warning disable IDE1006 // The names are those of JavaScript.
internal sealed record NodeBuffer(string type, int[] data)
{
    public static NodeBuffer Of(byte[] bytes) => new("Buffer", [.. bytes.Select(item => (int)item)]);

    public byte[] ToBytes() => [.. data.Select(item => (byte)item)];
}
#pragma warning restore IDE1006
