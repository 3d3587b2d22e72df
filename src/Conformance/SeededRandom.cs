using System.Globalization;
using System.Security.Cryptography;

namespace SessionStores.Conformance;

/// <summary>Numbers that a seed determines (SplitMix64), so that a failing case can be run again.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public static ulong NewSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public static ulong? FromEnvironment()
    {
        var text = Environment.GetEnvironmentVariable("SESSIONSTORES_SEED");
        if (string.IsNullOrEmpty(text))
            return null;

        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new InvalidOperationException($"SESSIONSTORES_SEED must be a decimal number, but is '{text}'.");
    }

    public ulong Next()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 up to, not including, <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public string Text(string alphabet, int length)
    {
        return string.Create(length, (this, alphabet), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = state.alphabet[state.Item1.Below(state.alphabet.Length)];
        });
    }
}
