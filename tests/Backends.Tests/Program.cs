using SessionStores.Backends.Tests;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The entry point that xunit.v3 would generate, with one more command.
if (args is [LeftServer.Command, var report, var what, var end])
    return await LeftServer.RunAsync(report, containers: what == "containers", waits: end == "wait");
return args.Any(argument => argument is "-automated" or "@@")
    ? await ConsoleRunner.Run(args)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
