namespace SessionStores.Interop.Tests.Running;

/// <summary>A side did not do what the scenario expects.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
