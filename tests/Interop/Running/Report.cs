namespace Interop.Running;

/// <summary>Counts and prints.</summary>
internal sealed class Report
{
    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public int Skipped { get; private set; }

    public void Pass() => Passed++;

    public void Fail(string where, Scenario scenario, string reason)
    {
        Failed++;
        Console.WriteLine($"FAILED {where} {scenario}");
        foreach (var line in reason.Split('\n'))
            Console.WriteLine($"       {line}");
    }

    public void Skip(int scenarios, string server, string reason)
    {
        Skipped += scenarios;
        Console.WriteLine($"not run: {server}: {reason}");
    }

    public int Close()
    {
        // The very last line, after what the backends say about themselves when the program ends.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.WriteLine($"{Passed} passed, {Failed} failed, {Skipped} skipped");
        return Failed == 0 ? 0 : 1;
    }
}
