using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Xml.Linq;

namespace SessionStores.Packages.Tests;

/// <summary>A packed file, of a package or of its symbols.</summary>
internal sealed class Package(ZipArchive archive) : IDisposable
{
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    public static async Task<Package> OpenAsync(string file) => new(await ZipFile.OpenReadAsync(file));

    /// <summary>Returns the names of the entries in a folder, in order.</summary>
    public IEnumerable<string> Entries(string folder) =>
        archive.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public async Task<string> TextAsync(string entry) => Encoding.UTF8.GetString(await BytesAsync(entry));

    /// <summary>Returns the element <c>metadata</c> of the package's description.</summary>
    public async Task<XElement> MetadataAsync()
    {
        await using var stream = await archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).OpenAsync();
        return (await XDocument.LoadAsync(stream, LoadOptions.None, default)).Root!.Elements().Single();
    }

    /// <summary>Returns the names of the source files, and where a debugger finds them.</summary>
    public async Task<(List<string> Documents, string Sources)> SymbolsAsync(string entry)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(await BytesAsync(entry)));
        var reader = provider.GetMetadataReader();
        var documents = reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name)).ToList();
        var sources = reader.GetCustomDebugInformation(EntityHandle.ModuleDefinition)
            .Select(reader.GetCustomDebugInformation).Single(information => reader.GetGuid(information.Kind) == SourceLink);
        return (documents, Encoding.UTF8.GetString(reader.GetBlobBytes(sources.Value)));
    }

    public void Dispose() => archive.Dispose();

    private async Task<byte[]> BytesAsync(string name)
    {
        await using var stream = await archive.GetEntry(name)!.OpenAsync();
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
