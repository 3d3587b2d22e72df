namespace SessionStores.Protection;

/// <summary>Protects one record and opens it: hashes its id, seals it, and judges what a store returns.</summary>
internal class Protector
{
    /// <summary>The id that the server sees.</summary>
    public virtual string HashId(DerivedKey key, string id) => key.HashId(id);

    /// <summary>Seals content with the current key.</summary>
    public virtual SessionContent Seal(KeySet keys, string id, in SessionContent content, bool hashSubject)
    {
        var subject = content.Subject is { } own && hashSubject ? keys.Current.HashSubject(own) : content.Subject;
        if (content.Key is not { } key)
            return new SessionContent(SealedRecord.Seal(keys.Current, id, content.Subject, content.Payload.Span), content.Lifetime, subject);

        // The key is sealed with the payload, so that a record cannot be given to another one.
        var payload = ReservedMember.JoinKey(content.Payload.Span, key);
        return new SessionContent(
            SealedRecord.Seal(keys.Current, id, content.Subject, payload), content.Lifetime, subject, hashSubject ? keys.Current.HashSubject(KeyIndex.NameOf(key)) : key);
    }

    /// <summary>Opens a record and compares what was sealed with where it was found.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="stored">The record as the store returned it.</param>
    /// <param name="id">The id that was asked for; null in a listing, where the hash of the sealed id is compared.</param>
    /// <param name="opened">What was sealed.</param>
    public virtual Refusal Open(KeySet keys, SessionRecord stored, string? id, out Opened opened)
    {
        var problem = SealedRecord.Open(keys, stored.Payload.Span, out opened);
        if (problem != Refusal.None)
            return problem;

        if (id is null ? HashId(opened.Key, opened.Id) != stored.Id : opened.Id != id)
            return Refusal.OtherSession;

        return Is(stored.Subject, opened.Subject, opened.Subject, opened.Key) && Is(stored.Key, opened.SecondKey, opened.SecondKey is { } key ? KeyIndex.NameOf(key) : null, opened.Key)
            ? Refusal.None
            : Refusal.OtherSubject;
    }

    /// <summary>Whether a text is stored as it was sealed, or as its hash.</summary>
    private static bool Is(string? stored, string? text, string? hashed, DerivedKey key) => stored == text || (hashed is not null && stored == key.HashSubject(hashed));
}
