using System.Reflection;
using SessionStores.Interop.Tests.Sites;
using Xunit.Sdk;
using Xunit.v3;

namespace SessionStores.Interop.Tests.Running;

/// <summary>Runs a scenario on each server, or on the one named, twice: Node makes the first request, then .NET does.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EachServerAttribute(string? only = null) : DataAttribute
{
    /// <summary>Only so that a hanging site ends the test; a scenario takes a second.</summary>
    private const int Limit = 180_000;

    public string? Only { get; } = only;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([
            .. from server in Only is null ? new[] { "redis", "postgres", "mongo" } : [Only]
               from begins in new[] { Runtime.Node, Runtime.DotNet }
               select new TheoryDataRow<string, Runtime>(server, begins) { Timeout = Limit },
        ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
