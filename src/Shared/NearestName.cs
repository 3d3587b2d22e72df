namespace SessionStores;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
{
    private const int MostEdits = 3;

    /// <summary>The nearest of the names, or null when none is near.</summary>
    public static string? Find(string name, IEnumerable<string> names)
    {
        string? nearest = null;
        var least = Math.Min(MostEdits, name.Length / 2) + 1;
        foreach (var candidate in names)
        {
            var edits = Edits(name, candidate);
            if (edits < least)
            {
                least = edits;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>How many letters have to be added, dropped or replaced (Levenshtein), without regard to case.</summary>
    private static int Edits(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            row[j] = j;

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
