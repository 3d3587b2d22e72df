namespace Interop.Running;

/// <summary>Which side makes the first request of a scenario.</summary>
internal enum Direction
{
    NodeFirst,
    DotNetFirst,
}
