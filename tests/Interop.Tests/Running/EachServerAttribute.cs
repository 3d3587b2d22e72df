using System.Reflection;
using SessionStores.Interop.Tests.Sites;
using Xunit.Sdk;
using Xunit.v3;

namespace SessionStores.Interop.Tests.Running;

/// <summary>Runs a scenario on each server, or on the one named, twice: Node makes the first request, then .NET does. A scenario that names the side
/// runs once.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EachServerAttribute(string? only = null) : DataAttribute
{
    /// <summary>Only so that a hanging site ends the test; a scenario takes a second.</summary>
    private const int Limit = 180_000;

    private static readonly Runtime[] Both = [Runtime.Node, Runtime.DotNet];

    public string? Only { get; } = only;

    /// <summary>The side that makes the first request, and creates the table or the indexes, where a scenario treats both sides alike.</summary>
    public Runtime Begins
    {
        get => Sides[0];
        set => Sides = [value];
    }

    private Runtime[] Sides { get; set; } = Both;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([
            .. from server in Only is null ? new[] { "redis", "postgres", "mongo" } : [Only]
               from begins in Sides
               select new TheoryDataRow<string, Runtime>(server, begins) { Timeout = Limit },
        ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
