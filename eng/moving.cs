#:property PublishAot=false
// Moves sessions from Redis to PostgreSQL while clients change them at full speed on two nodes, one of which is killed in the middle
// (tests/Reliability.Tests/Moving), and prints what was lost, resurrected or doubled, the time, and the speed of requests before, during and after the move.
//
//   dotnet run --file eng/moving.cs                       100,000 sessions
//   dotnet run --file eng/moving.cs -- --sessions 5000    a shorter run
using System.Diagnostics;

const string Reports = "artifacts/moving";
const string Lines = Reports + "/moving.txt";
Directory.CreateDirectory(Reports);
File.Delete(Lines);
var start = new ProcessStartInfo("dotnet", ["run", "--project", "tests/Reliability.Tests", "-c", "Release", "--", "--filter-class", "*MoveUnderLoadTests", "--no-ansi"]);
start.Environment["SESSIONSTORES_REPORTS"] = Path.GetFullPath(Reports);
start.Environment["SESSIONSTORES_SESSIONS"] = args.SkipWhile(arg => arg != "--sessions").ElementAtOrDefault(1) ?? "100000";

using var process = Process.Start(start)!;
process.WaitForExit();
if (File.Exists(Lines))
    Console.Write(File.ReadAllText(Lines));

return process.ExitCode;
