namespace SessionStores.AspNetCore;

/// <summary>What a request did to one member: an assignment, a removal, or functions of the current value.</summary>
internal sealed class MemberChange(string name, ReadOnlyMemory<byte>? original)
{
    public string Name { get; } = name;

    /// <summary>The value that was loaded; null if there was none.</summary>
    public ReadOnlyMemory<byte>? Original { get; set; } = original;

    /// <summary>The value now; null if the member is removed.</summary>
    public ReadOnlyMemory<byte>? Value { get; set; }

    /// <summary>The functions to run again on a value that another request stored; null for an assignment or removal.</summary>
    public Func<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>[]? Updates { get; set; }

    /// <summary>Whether the value is in the record that is being written.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Whether the record that the change is on top of has no such member.</summary>
    public bool IsOfNewMember => Original is null;

    /// <summary>Whether the value differs from the loaded one. A change that was undone does not count.</summary>
    public bool IsEffective => !AreEqual(Value, Original);

    public static bool AreEqual(ReadOnlyMemory<byte>? left, ReadOnlyMemory<byte>? right) =>
        left.HasValue == right.HasValue && (left is not { } value || value.Span.SequenceEqual(right!.Value.Span));
}
