using SessionStores.Conformance;
using SessionStores.Mongo.Tests;

[assembly: AssemblyFixture(typeof(MongoFixture))]

namespace SessionStores.Mongo.Tests.Conformance;

public sealed class Touch(MongoFixture fixture) : TouchSuite(fixture);
public sealed class Completeness(MongoFixture fixture) : CompletenessSuite(fixture);
