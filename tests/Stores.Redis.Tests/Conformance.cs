using SessionStores.Conformance;
using SessionStores.Redis.Tests;

[assembly: AssemblyFixture(typeof(RedisFixture))]
[assembly: AssemblyFixture(typeof(RedisClusterFixture))]

namespace SessionStores.Redis.Tests.Conformance;

public sealed class Touch(RedisFixture fixture) : TouchSuite(fixture);
public sealed class ClusterTouch(RedisClusterFixture fixture) : TouchSuite(fixture);
