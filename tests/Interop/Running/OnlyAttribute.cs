namespace Interop.Running;

/// <summary>The scenario is about one server.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class OnlyAttribute(string server) : Attribute
{
    public string Server { get; } = server;
}
