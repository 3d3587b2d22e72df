using SessionStores.Conformance;
using SessionStores.Memory.Tests;

[assembly: AssemblyFixture(typeof(MemoryFixture))]

namespace SessionStores.Memory.Tests.Conformance;

public sealed class Completeness(MemoryFixture fixture) : CompletenessSuite(fixture);
public sealed class Touch(MemoryFixture fixture) : TouchSuite(fixture);
