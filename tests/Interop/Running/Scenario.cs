using System.Reflection;

namespace Interop.Running;

/// <summary>One scenario: a public static method of a class in <c>Interop.Scenarios</c> that takes a <see cref="Stage"/>. The name of the
/// method is the sentence that it proves.</summary>
internal sealed record Scenario(string Group, string Name, string? OnlyServer, Func<Stage, Task> PlayAsync)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. from type in Assembly.GetExecutingAssembly().GetTypes()
           where type.Namespace == "Interop.Scenarios" && type is { IsAbstract: true, IsSealed: true }
           orderby type.Name
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
           let only = method.GetCustomAttribute<OnlyAttribute>() ?? type.GetCustomAttribute<OnlyAttribute>()
           select new Scenario(type.Name, method.Name.Replace('_', ' '), only?.Server, method.CreateDelegate<Func<Stage, Task>>()),
    ];

    public override string ToString() => $"{Group}: {Name}";
}
