using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <content>What the record says about the session for people to see. These are members of the record, which peers pass through. The instants
/// are kept for an owner only, so that the record of a visitor stays that of express-session.</content>
internal sealed partial class SessionData
{
    public SessionFacts Facts => new(InstantOf(ReservedMembers.Created), InstantOf(ReservedMembers.Authenticated), Label, Device);

    public string? Label
    {
        get => Current(ReservedMembers.Label) is { } json ? SessionFacts.LabelIn(json) : null;
        set
        {
            var label = SessionFacts.LabelOf(value);
            Assign(ReservedMembers.Label, label is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(label, SessionJsonEncoder.Instance)}\""));
        }
    }

    /// <summary>Whether the session got its id by a renewal: the owner is the same as before and was not authenticated anew.</summary>
    public bool IsRenewed => Subject is not null && Current(ReservedMembers.Renewed) is { } json && json.Span.SequenceEqual("true"u8);

    /// <summary>Whether the owner, or when he was authenticated, was set since the session was loaded or saved.</summary>
    public bool IsOwnerChanged => _subjectChanged || (_changes is not null && _changes.TryGet(ReservedMembers.Authenticated, out _));

    /// <summary>Notes how the session gets its id, or that its owner is authenticated anew under the id that it has.</summary>
    public void SetRenewed(bool isRenewed)
    {
        if (isRenewed != (Current(ReservedMembers.Renewed) is not null) || (isRenewed && !IsRenewed))
            Assign(ReservedMembers.Renewed, isRenewed ? "true"u8.ToArray() : (ReadOnlyMemory<byte>?)null);
    }

    /// <summary>What the session shares with the sign-in of its browser; null if there has been none for its owner.</summary>
    public string? Device
    {
        get => Current(ReservedMembers.Device) is { } json ? SessionFacts.DeviceIn(json) : null;
        set => Assign(ReservedMembers.Device, value is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes($"\"{value}\""));
    }

    /// <summary>Sets the owner, who has been authenticated now, and to whom the session belongs from now on.</summary>
    /// <param name="subject">The owner.</param>
    /// <param name="now">The time of the store.</param>
    /// <param name="device">What a sign-in of this browser is to share with the session; null for nothing.</param>
    public void SetSubject(string? subject, DateTimeOffset now, string? device)
    {
        _subject = subject;
        _subjectChanged = true;
        SetInstant(ReservedMembers.Created, subject is null ? null : now);
        SetInstant(ReservedMembers.Authenticated, subject is null ? null : now);
        Device = device;
    }

    public void SetAuthenticated(DateTimeOffset now) => SetInstant(ReservedMembers.Authenticated, now);

    private DateTimeOffset? InstantOf(string name) => Current(name) is { } json ? SessionFacts.InstantIn(json) : null;

    private void SetInstant(string name, DateTimeOffset? instant)
    {
        if (instant is not { } value)
        {
            Assign(name, null);
            return;
        }

        var digits = new byte[20];
        Utf8Formatter.TryFormat(value.ToUnixTimeMilliseconds(), digits, out var length);
        Assign(name, digits.AsMemory(0, length));
    }
}
