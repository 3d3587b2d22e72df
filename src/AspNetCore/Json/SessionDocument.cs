using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SessionStores.AspNetCore;

/// <summary>A payload seen as its top-level members. Values are slices of the payload until they are read.</summary>
/// <remarks>Immutable. Of several members with one name the last counts, as in JavaScript.</remarks>
internal sealed class SessionDocument
{
    /// <summary>From this count on, a name is looked up in a table instead of by a search.</summary>
    private const int TableFrom = 32;

    private static readonly byte[] Subject = Encoding.UTF8.GetBytes(ReservedMembers.Subject);
    private static readonly byte[] Key = Encoding.UTF8.GetBytes(ReservedMembers.Key);

    private readonly SessionMember.Place[] _places;
    private Dictionary<string, int>? _table;

    private SessionDocument(ReadOnlyMemory<byte> payload, SessionMember.Place[] places, int count)
    {
        Payload = payload;
        _places = places;
        Count = count;
    }

    /// <summary>The document without members.</summary>
    public static SessionDocument Empty { get; } = new("{}"u8.ToArray(), [], 0);

    /// <summary>The payload that was read.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>How many members there are.</summary>
    public int Count { get; }

    /// <summary>The members in the order of the payload.</summary>
    public SessionMembers Members => new(Payload, _places.AsSpan(0, Count));

    /// <summary>Reads a payload, or an object in one. Returns false for what no store would save: anything but one JSON object in UTF-8 of at most
    /// <see cref="SessionArguments.MaxPayloadDepth"/> levels, or a record with a member of the store.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> payload, [NotNullWhen(true)] out SessionDocument? document, bool isRecord = true)
    {
        document = null;
        if (!Utf8.IsValid(payload.Span))
            return false;

        try
        {
            var walk = new JsonMembers(payload.Span, SessionArguments.MaxPayloadDepth);
            var places = new SessionMember.Place[6];
            var count = 0;
            while (walk.MoveNext())
            {
                if (isRecord && (walk.NameEquals(Subject) || walk.NameEquals(Key)))
                    return false;

                walk.Skip();
                if (count == places.Length)
                    Array.Resize(ref places, count * 2);

                places[count++] = SessionMember.Place.Of(walk);
            }

            document = new SessionDocument(payload, places, count);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Finds a member; of several members with one name the last.</summary>
    public bool TryGet(string name, out ReadOnlyMemory<byte> value)
    {
        if (Count >= TableFrom)
        {
            var found = (_table ??= Table()).TryGetValue(name, out var place);
            value = found ? Members[place].Value : default;
            return found;
        }

        var members = Members;
        for (var index = Count - 1; index >= 0; index--)
        {
            if (members[index] is var member && member.NameEquals(name))
            {
                value = member.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    private Dictionary<string, int> Table()
    {
        var table = new Dictionary<string, int>(Count, StringComparer.Ordinal);
        for (var index = 0; index < Count; index++)
            table[Members[index].GetName()] = index;

        return table;
    }
}
