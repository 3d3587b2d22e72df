namespace SessionStores.Configuration;

/// <summary>Sets up the store of one package from settings, so that a deployment can choose its store without recompiling.</summary>
/// <remarks>A store package <c>SessionStores.X</c> has a public class <c>SessionStores.X.XStoreProvider</c> with a parameterless constructor,
/// so that the name <c>X</c> in a configuration file finds it.</remarks>
public interface ISessionStoreProvider
{
    /// <summary>The name in configuration, such as <c>Redis</c>. Upper and lower case are the same.</summary>
    string Name { get; }

    /// <summary>Reads every setting of the store and chooses it for the sessions. Does no I/O and does not throw for what the settings hold:
    /// every problem is added to them.</summary>
    /// <param name="builder">Takes the store.</param>
    /// <param name="settings">The settings.</param>
    void Configure(ISessionStoresBuilder builder, SessionStoreSettings settings);
}
