using System.Buffers.Text;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Xunit.Sdk;

namespace SessionStores.Protection.Tests;

/// <summary>The checks are only worth something if they fail for broken protection: each mutant is caught by the check that is meant to catch it.</summary>
public sealed class MutantTests
{
    public static TheoryData<string> Checks => [.. typeof(ProtectionChecks).GetMethods(BindingFlags.Static | BindingFlags.Public).Select(check => check.Name)];

    public static TheoryData<string, string> Mutants => new()
    {
        { nameof(UnboundCiphertext), nameof(ProtectionChecks.A_record_that_was_copied_under_another_id_is_no_session) },
        { nameof(UnboundSubject), nameof(ProtectionChecks.A_record_that_was_given_to_another_subject_is_no_session) },
        { nameof(PlainRecordsAccepted), nameof(ProtectionChecks.A_record_without_protection_is_no_session) },
        { nameof(HashWithoutKey), nameof(ProtectionChecks.Whoever_knows_an_id_but_no_key_does_not_find_its_record) },
        { nameof(OldKeyNeverRetired), nameof(ProtectionChecks.An_older_key_protects_nothing_once_its_sessions_were_written) },
        { nameof(SealedWithChance), nameof(ProtectionChecks.The_same_session_is_sealed_to_the_same_bytes) },
    };

    [Theory]
    [MemberData(nameof(Checks))]
    public Task A_protected_store_passes(string check) => RunAsync(check, new Protector());

    [Theory]
    [MemberData(nameof(Mutants))]
    public async Task A_mutant_is_caught_by_the_check_that_is_meant_to_catch_it(string mutant, string check)
    {
        var protector = (Protector)Activator.CreateInstance(typeof(MutantTests).GetNestedType(mutant, BindingFlags.NonPublic)!)!;

        await Assert.ThrowsAnyAsync<XunitException>(() => RunAsync(check, protector));
    }

    private static Task RunAsync(string check, Protector protector) =>
        typeof(ProtectionChecks).GetMethod(check)!.CreateDelegate<Func<ProtectionChecks.Opening, Task>>()((server, keys) => new ProtectedStore(server, Keys.Options(keys), protector));

    private sealed class UnboundCiphertext : Protector
    {
        public override Refusal Open(KeySet keys, SessionRecord stored, string? id, out Opened opened) => base.Open(keys, stored, id, out opened) is var refusal and not Refusal.OtherSession ? refusal : Refusal.None;
    }

    private sealed class UnboundSubject : Protector
    {
        public override Refusal Open(KeySet keys, SessionRecord stored, string? id, out Opened opened) => base.Open(keys, stored, id, out opened) is var refusal and not Refusal.OtherSubject ? refusal : Refusal.None;
    }

    private sealed class PlainRecordsAccepted : Protector
    {
        public override Refusal Open(KeySet keys, SessionRecord stored, string? id, out Opened opened)
        {
            var refusal = base.Open(keys, stored, id, out opened);
            if (refusal != Refusal.Unprotected)
                return refusal;

            opened = new Opened(keys.Current, id!, stored.Subject, stored.Payload);
            return Refusal.None;
        }
    }

    private sealed class HashWithoutKey : Protector
    {
        public override string HashId(DerivedKey key, string id) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
    }

    private sealed class OldKeyNeverRetired : Protector
    {
        public override SessionContent Seal(KeySet keys, string id, in SessionContent content, bool hashSubject) =>
            base.Seal(new KeySet([.. keys.All.Reverse()]), id, content, hashSubject);
    }

    private sealed class SealedWithChance : Protector
    {
        public override SessionContent Seal(KeySet keys, string id, in SessionContent content, bool hashSubject) =>
            base.Seal(keys, id, new SessionContent(Encoding.UTF8.GetBytes($"{{\"nonce\":\"{Guid.NewGuid()}\",{Encoding.UTF8.GetString(content.Payload.Span)[1..]}"), content.Lifetime, content.Subject), hashSubject);
    }
}
