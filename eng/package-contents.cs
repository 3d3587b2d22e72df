#:property PublishAot=false
// Prints the entries of a package and its .nuspec.
using System.IO.Compression;

using var package = ZipFile.OpenRead(args[0]);
foreach (var entry in package.Entries)
    Console.WriteLine(entry.FullName);

using var reader = new StreamReader(package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
Console.WriteLine(reader.ReadToEnd());
