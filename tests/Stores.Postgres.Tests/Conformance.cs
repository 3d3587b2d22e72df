using SessionStores.Conformance;
using SessionStores.Postgres.Tests;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace SessionStores.Postgres.Tests.Conformance;

public sealed class Completeness(PostgresFixture fixture) : CompletenessSuite(fixture);
public sealed class Touch(PostgresFixture fixture) : TouchSuite(fixture);
