using SessionStores.Reliability.Tests;
using SessionStores.Reliability.Tests.Moving;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The entry point that xunit.v3 would generate, with one more command.
if (args is [MovingSite.Command, var redis, var postgres, var stage])
    return await MovingSite.RunAsync(redis, postgres, stage);
return args.Any(argument => argument is "-automated" or "@@")
    ? await ConsoleRunner.Run(args)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
