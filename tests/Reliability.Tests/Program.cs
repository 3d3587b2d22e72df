using System.Globalization;
using SessionStores.Reliability.Tests;
using SessionStores.Reliability.Tests.Expiring;
using SessionStores.Reliability.Tests.Moving;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The entry point that xunit.v3 would generate, with two more commands.
if (args is [MovingSite.Command, var redis, var postgres, var stage])
    return await MovingSite.RunAsync(redis, postgres, stage);
if (args is [ExpiringNode.Command, var store, var connection, var holdsAfter])
    return await ExpiringNode.RunAsync(store, connection, int.Parse(holdsAfter, CultureInfo.InvariantCulture));
return args.Any(argument => argument is "-automated" or "@@")
    ? await ConsoleRunner.Run(args)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
