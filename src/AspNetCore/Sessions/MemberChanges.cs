using System.Diagnostics.CodeAnalysis;

namespace SessionStores.AspNetCore;

/// <summary>What a request did to members, in the order in which it first did something to each.</summary>
internal sealed class MemberChanges
{
    /// <summary>From this count on, a change is looked up in a table instead of by a search.</summary>
    private const int TableFrom = 16;

    private readonly List<MemberChange> _changes = [];
    private Dictionary<string, MemberChange>? _table;

    public int Count => _changes.Count;

    public MemberChange this[int index] => _changes[index];

    public bool TryGet(string name, [NotNullWhen(true)] out MemberChange? change)
    {
        if (_table is not null)
            return _table.TryGetValue(name, out change);

        foreach (var candidate in _changes)
        {
            if (candidate.Name == name)
            {
                change = candidate;
                return true;
            }
        }

        change = null;
        return false;
    }

    public bool TryGet(in SessionMember member, [NotNullWhen(true)] out MemberChange? change)
    {
        if (_table is not null)
            return _table.TryGetValue(member.GetName(), out change);

        foreach (var candidate in _changes)
        {
            if (member.NameEquals(candidate.Name))
            {
                change = candidate;
                return true;
            }
        }

        change = null;
        return false;
    }

    /// <summary>Begins to write a record.</summary>
    public void BeginWriting()
    {
        foreach (var change in _changes)
            change.IsWritten = false;
    }

    public void Add(MemberChange change)
    {
        _changes.Add(change);
        if (_table is not null)
            _table.Add(change.Name, change);
        else if (_changes.Count == TableFrom)
            _table = _changes.ToDictionary(added => added.Name, StringComparer.Ordinal);
    }
}
