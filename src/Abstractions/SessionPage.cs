using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores;

/// <summary>A page of the sessions of a subject (<see cref="ISessionSubjects.PageBySubjectAsync"/>) or with a key (<see cref="ISessionKeys.PageByKeyAsync"/>).</summary>
/// <param name="sessions">The sessions of the page.</param>
/// <param name="continuation">Where the next page begins; null after the last page.</param>
public sealed class SessionPage(IReadOnlyList<SessionRecord> sessions, string? continuation)
{
    /// <summary>The largest size of a page: 1,000.</summary>
    public const int MaxSize = 1000;

    /// <summary>The size of the pages by which sessions are streamed.</summary>
    internal const int StreamSize = 100;

    /// <summary>The bytes of a continuation that say to which subject it belongs.</summary>
    private const int MarkLength = 8;

    /// <summary>The sessions of the page, each at most once. They may be fewer than the size that was asked, also when there are more pages.</summary>
    public IReadOnlyList<SessionRecord> Sessions { get; } = sessions;

    /// <summary>Where the next page begins: opaque, for the same subject and any store on the same data; null after the last page. A secret, like an id:
    /// it can contain one.</summary>
    public string? Continuation { get; } = continuation;

    /// <summary>Creates the continuation of a page, for store authors.</summary>
    /// <param name="subject">The subject. For a page by key the key behind a text that no subject begins with, such as U+0002, so that the same text as a subject and
    /// as a key has continuations of its own.</param>
    /// <param name="position">What the store needs to find the next page, such as the id of the last session.</param>
    public static string ContinuationAfter(string subject, string position) => Base64Url.EncodeToString([.. MarkOf(subject), .. Encoding.UTF8.GetBytes(position)]);

    /// <summary>Reads a continuation, for store authors.</summary>
    /// <param name="subject">The text that was given to <see cref="ContinuationAfter"/>.</param>
    /// <param name="continuation">What a page of this subject returned, or null.</param>
    /// <returns>The position that was given to <see cref="ContinuationAfter"/>; null for the first page.</returns>
    /// <exception cref="ArgumentException">The text is not the continuation of a page of this subject.</exception>
    public static string? PositionOf(string subject, string? continuation)
    {
        if (continuation is null)
            return null;

        if (Base64Url.IsValid(continuation))
        {
            var bytes = Base64Url.DecodeFromChars(continuation);
            if (bytes.Length > MarkLength && bytes.AsSpan(0, MarkLength).SequenceEqual(MarkOf(subject)))
                return Encoding.UTF8.GetString(bytes.AsSpan(MarkLength));
        }

        throw new ArgumentException("The continuation is not one of this subject or key. Pass SessionPage.Continuation of the page before, or null for the first page.", nameof(continuation));
    }

    /// <summary>Checks the size of a page, for store authors: 1 to 1,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of range.</exception>
    public static void ThrowIfInvalidSize(int size)
    {
        if (size is < 1 or > MaxSize)
            throw new ArgumentOutOfRangeException(nameof(size), size, "The size of a page must be 1 to 1,000.");
    }

    /// <summary>Names only the type: sessions and continuation are secrets (L21).</summary>
    public override string ToString() => nameof(SessionPage);

    /// <summary>Streams the sessions of all pages.</summary>
    internal static async IAsyncEnumerable<SessionRecord> StreamAsync(
        Func<string?, CancellationToken, ValueTask<SessionPage>> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await read(continuation, cancellationToken).ConfigureAwait(false);
            foreach (var record in page.Sessions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    private static byte[] MarkOf(string subject) => SHA256.HashData(Encoding.UTF8.GetBytes(subject))[..MarkLength];
}
