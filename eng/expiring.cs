#:property PublishAot=false
// Lets sessions expire while three nodes, each a process, report them, without a fault and with a node that is killed (tests/Reliability.Tests/Expiring), on Redis, PostgreSQL
// and MongoDB, and prints how many were reported, and how many twice.
//
//   dotnet run --file eng/expiring.cs                       10,000 sessions
//   dotnet run --file eng/expiring.cs -- --sessions 1000    a shorter run
using System.Diagnostics;

const string Reports = "artifacts/expiring";
const string Lines = Reports + "/expiring.txt";
Directory.CreateDirectory(Reports);
File.Delete(Lines);
var start = new ProcessStartInfo("dotnet", ["run", "--project", "tests/Reliability.Tests", "-c", "Release", "--", "--filter-class", "*ExpiringTests", "--no-ansi"]);
start.Environment["SESSIONSTORES_REPORTS"] = Path.GetFullPath(Reports);
start.Environment["SESSIONSTORES_SESSIONS"] = args.SkipWhile(arg => arg != "--sessions").ElementAtOrDefault(1) ?? "10000";

using var process = Process.Start(start)!;
process.WaitForExit();
if (File.Exists(Lines))
    Console.Write(File.ReadAllText(Lines));

return process.ExitCode;
