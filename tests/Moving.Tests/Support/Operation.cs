namespace SessionStores.Moving.Tests;

/// <summary>A call of an application, and what may be there after it was interrupted.</summary>
/// <param name="Name">The name, for messages.</param>
/// <param name="RunAsync">Makes the call on a node.</param>
/// <param name="Allowed">The sessions that may be left when only this call was made, whole or in part: each an id and a mark, or nothing.</param>
internal sealed record Operation(string Name, Func<MovingStore, Sides, Task> RunAsync, params (string Id, string Mark)?[] Allowed)
{
    /// <summary>Whether the call stores a session where none is.</summary>
    public bool Creates => Name is "set" or "create";

    public static IReadOnlyList<Operation> All { get; } =
    [
        new("get", (node, _) => node.GetAsync(Sides.Id).AsTask(), (Sides.Id, "one")),
        new("slide", (node, _) => node.GetAsync(Sides.Id, new SlidingExpiry(TimeSpan.FromDays(1), TimeSpan.FromHours(2))).AsTask(), (Sides.Id, "one")),
        new("create", (node, _) => node.CreateAsync(Sides.Id, Sides.Content("taken")).AsTask(), (Sides.Id, "one")),
        new("replace", (node, sides) => node.ReplaceAsync(Sides.Id, sides.Loaded, Sides.Content("mine")).AsTask(), (Sides.Id, "one"), (Sides.Id, "mine")),
        new("replace any", (node, _) => node.ReplaceAsync(Sides.Id, SessionVersion.Any, Sides.Content("mine")).AsTask(), (Sides.Id, "one"), (Sides.Id, "mine")),
        new("set", (node, _) => node.SetAsync(Sides.Id, Sides.Content("mine")).AsTask(), (Sides.Id, "one"), (Sides.Id, "mine")),
        new("touch", (node, _) => node.TouchAsync(Sides.Id, TimeSpan.FromHours(2)).AsTask(), (Sides.Id, "one")),
        new("rotate", (node, sides) => node.RotateAsync(Sides.Id, Sides.NewId, sides.Loaded, Sides.Content("mine")).AsTask(), (Sides.Id, "one"), (Sides.NewId, "mine")),
        new("destroy", (node, _) => node.DestroyAsync(Sides.Id).AsTask(), (Sides.Id, "one"), null),
        new("destroy by subject", (node, _) => node.DestroyBySubjectAsync(Sides.Subject).AsTask(), (Sides.Id, "one"), null),
        new("void by subject", async (node, _) => await node.VoidBySubjectAsync(Sides.Subject), (Sides.Id, "one"), null),
        new("list", (node, _) => node.AllAsync().ToListAsync().AsTask(), (Sides.Id, "one")),
        new("move", (node, _) => node.MoveAsync(Sides.Id, CancellationToken.None).AsTask(), (Sides.Id, "one")),
    ];

    public override string ToString() => Name;
}
