using System.Security.Cryptography;

namespace SessionStores.Tool;

/// <summary>Tries every operation on a session of its own, in the place of the application: only there the rights of the application count.</summary>
internal static class ProbeCheck
{
    private const string Name = "session";

    /// <summary>How long the session stays where it cannot be removed.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
    private static readonly byte[] Payload = [.. """{"cookie":{"originalMaxAge":60000,"httpOnly":true,"path":"/"}}"""u8];
    private static readonly byte[] Changed = [.. """{"cookie":{"originalMaxAge":60000,"httpOnly":true,"path":"/"},"changed":true}"""u8];

    public static async Task RunAsync(OpenStore store, CheckReport report, string rights, CancellationToken cancellationToken)
    {
        var id = NewId();
        var failures = report.Results.Count(result => result.Outcome == CheckOutcome.Failure);
        var version = SessionVersion.Any;
        if (!await TryAsync("creating a session", async () => version = (await store.Store.CreateAsync(id, new SessionContent(Payload, Lifetime, id), cancellationToken)).Version))
            return;

        await TryAsync("reading a session", async () => ThrowUnless((await store.Store.GetAsync(id, null, cancellationToken))?.Payload.Span.SequenceEqual(Payload) == true, "It is not what was written."));
        await TryAsync("changing a session", async () =>
        {
            var result = await store.Store.ReplaceAsync(id, version, new SessionContent(Changed, Lifetime, id), cancellationToken);
            ThrowUnless(result.Status == SessionWriteStatus.Written, $"The result is {result.Status}. Another program changes the sessions of this place.");
        });
        await TryAsync("extending a session", async () => ThrowUnless(await store.Store.TouchAsync(id, Lifetime, cancellationToken), "It is gone."));
        await TryAsync("listing the sessions of a subject", async () => ThrowUnless(await store.Capability<ISessionSubjects>().ListBySubjectAsync(id, cancellationToken: cancellationToken).AnyAsync(cancellationToken), "The session is not listed."));
        var newId = NewId();
        var isRotated = await TryAsync("rotating a session", async () =>
        {
            var result = await store.Store.RotateAsync(id, newId, SessionVersion.Any, new SessionContent(Changed, Lifetime, id), cancellationToken);
            ThrowUnless(result.Status == SessionWriteStatus.Written, $"The result is {result.Status}.");
        });

        // Also after a failure or a cancelled command.
        await TryAsync("ending a session", async () => ThrowUnless(await store.Store.DestroyAsync(isRotated ? newId : id, CancellationToken.None), "It was gone already."));
        if (report.Results.Count(result => result.Outcome == CheckOutcome.Failure) == failures)
            report.Ok(Name, "A session was created, read, changed, extended, listed by its subject, rotated and ended.");

        async Task<bool> TryAsync(string what, Func<Task> step)
        {
            try
            {
                await step();
                return true;
            }
            catch (SessionStoreException failure)
            {
                report.Fail($"{Name}: {what}", failure, rights);
            }
            catch (ProbeException failure)
            {
                report.Fail($"{Name}: {what}", failure.Message, "Run the command again. If it stays so, run the conformance kit on this server.");
            }

            return false;
        }
    }

    private static string NewId() => $"sessionstores-check-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    private static void ThrowUnless(bool condition, string finding)
    {
        if (!condition)
            throw new ProbeException(finding);
    }

    private sealed class ProbeException(string finding) : Exception(finding);
}
