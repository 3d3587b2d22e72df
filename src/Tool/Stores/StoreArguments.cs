using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.Configuration;
using SessionStores.Memory;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Redis;

namespace SessionStores.Tool;

/// <summary>The options that say which store a command works on: on the command line, or in the configuration of the application.</summary>
internal sealed class StoreArguments
{
    private const string DefaultSection = "Sessions";
    private static readonly ISessionStoreProvider[] Providers = [new RedisStoreProvider(), new PostgresStoreProvider(), new MongoStoreProvider(), new MemoryStoreProvider()];

    private readonly string _variable;
    private readonly Option<string?> _store;
    private readonly Option<string?> _connection;
    private readonly Option<string[]> _config;
    private readonly Option<string?> _section;
    private readonly Option<string[]> _option;

    /// <param name="side">Empty for a command on one store; otherwise its part in the command, such as <c>from</c>, which the names of the options begin with.</param>
    public StoreArguments(string side = "")
    {
        var prefix = side.Length == 0 ? "--" : $"--{side}-";
        _variable = side.Length == 0 ? "SESSIONSTORES_CONNECTION" : $"SESSIONSTORES_{side.ToUpperInvariant()}_CONNECTION";
        _store = new(side.Length == 0 ? "--store" : $"--{side}") { Description = "The store: redis, postgres, mongo or memory." };
        _connection = new($"{prefix}connection") { Description = $"How to reach the server: a connection string or a URL. The environment variable {_variable} when left out, so that no password is in the list of processes." };
        _config = new($"{prefix}config") { Description = "Takes the store from this configuration file of the application and from its environment variables; may be given several times, the last one wins." };
        _section = new($"{prefix}section") { Description = $"The section of the sessions in the configuration. {DefaultSection} when left out." };
        _option = new($"{prefix}option") { Description = "An option of the store as Name=Value, such as KeyPrefix=app: or Table=session; may be given several times." };
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _store, _connection, _config, _section, _option })
            command.Options.Add(option);
    }

    /// <summary>Whether the command line says which store it is.</summary>
    public bool IsGiven(ParseResult arguments) => arguments.GetValue(_store) is not null || arguments.GetValue(_config) is { Length: > 0 };

    /// <summary>Creates the store. Does no I/O but reading the configuration.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="ownPlace">A name for a place of the store's own, instead of that of the application; null for that of the application.</param>
    /// <param name="createsNothing">Whether a table that is missing is an error, and is not created.</param>
    /// <param name="movesSessions">Whether the sessions of the store that they are moved from are seen too; never in a place of the store's own.</param>
    /// <exception cref="UsageException">The store is not specified, or its settings are invalid; every problem is named.</exception>
    public OpenStore Open(ParseResult arguments, string? ownPlace = null, bool createsNothing = false, bool movesSessions = true)
    {
        var (root, sessions) = Read(arguments);
        var section = sessions.GetSection(SessionSettings.Store);
        var provider = SessionStoreProviders.Proper(section[SessionSettings.Provider] ?? "");
        if (ownPlace is not null)
        {
            foreach (var (name, value) in OwnPlace.Settings(provider, ownPlace))
                section[name] = value;
        }

        if (createsNothing)
        {
            foreach (var store in new[] { section, section.GetSection(MovingSettings.Section) }.Where(store => SessionStoreProviders.Proper(store[SessionSettings.Provider] ?? "") == "Postgres"))
                store["CreateIfMissing"] = "false";
        }

        return Open(arguments, root, section, sessions, movesSessions && ownPlace is null);
    }

    /// <summary>Creates the store that the sessions are moved from; null where the configuration does not say that they are.</summary>
    /// <exception cref="UsageException">Its settings are invalid; every problem is named.</exception>
    public OpenStore? OpenOld(ParseResult arguments)
    {
        var (root, sessions) = Read(arguments);
        var section = sessions.GetSection(SessionSettings.Store).GetSection(MovingSettings.Section);
        return section.Exists() ? Open(arguments, root, section, section, movesSessions: false) : null;
    }

    /// <param name="arguments">The command line.</param>
    /// <param name="root">The configuration, in which a connection string may have a name.</param>
    /// <param name="section">The section of the store.</param>
    /// <param name="protected">The section that says how its sessions are protected.</param>
    /// <param name="movesSessions">Whether the sessions of the store that they are moved from are seen too.</param>
    private static OpenStore Open(ParseResult arguments, IConfiguration root, IConfigurationSection section, IConfiguration @protected, bool movesSessions)
    {
        var provider = SessionStoreProviders.Proper(section[SessionSettings.Provider] ?? "");
        var settings = SessionSettings.OfStore(section, root);
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddLogging(logging => logging.AddProvider(new StoreLog(arguments.InvocationConfiguration.Error)));
        var builder = new SessionStoresBuilder(services, "");
        Choose(builder, settings, section.Path);
        var protection = @protected.GetSection(ProtectionSettings.Section);
        if (bool.TryParse(protection["DataProtection"], out var usesDataProtection) && usesDataProtection)
            throw new UsageException($"{protection.Path}:DataProtection protects the sessions with keys that only the application has. Use {ProtectionSettings.Section}:Keys, or run the command without the configuration: then it sees what the server sees.");

        List<string> problems = [.. settings.Problems, .. ProtectionSettings.Use(builder, @protected)];
        if (movesSessions)
            problems.AddRange(MovingSettings.Use(builder, section.GetSection(MovingSettings.Section), root, Choose)); // sessions of both sides are those of the application

        return problems.Count == 0
            ? new OpenStore(services.BuildServiceProvider(), provider, settings)
            : throw new UsageException($"The store cannot be opened:\n- {string.Join("\n- ", problems)}");
    }

    private static void Choose(ISessionStoresBuilder builder, SessionStoreSettings settings, string path) =>
        SessionStoreProviders.Choose(builder, settings, path, name => SessionStoreProviders.Among(Providers, name) is { } found
            ? (found, null)
            : (null, SessionStoreProviders.Missing(Providers, name, "the command knows")));

    /// <summary>The configuration, and the section of the sessions in it: that of the files, with what the command line says in addition.</summary>
    private (IConfiguration Root, IConfiguration Sessions) Read(ParseResult arguments)
    {
        var files = arguments.GetValue(_config) ?? [];
        var name = files.Length == 0 ? "" : arguments.GetValue(_section) ?? DefaultSection;
        var given = Given(arguments, files.Length > 0);
        if (files.Length == 0 && !given.ContainsKey(SessionSettings.Provider))
            throw new UsageException($"Name the store: {_store.Name} redis {_connection.Name} localhost:6379, or {_config.Name} appsettings.json.");
        if (files.Length == 0 && !given.ContainsKey("Connection") && !IsMemory(given) && SessionStoreProviders.Among(Providers, given[SessionSettings.Provider]) is not null)
            throw new UsageException($"{_store.Name} {given[SessionSettings.Provider]} needs {_connection.Name}, or the environment variable {_variable}: how to reach its server.");

        var path = name.Length == 0 ? SessionSettings.Store : $"{name}:{SessionSettings.Store}";
        var builder = new ConfigurationBuilder();
        foreach (var file in files)
        {
            if (!File.Exists(file))
                throw new UsageException($"There is no file '{Path.GetFullPath(file)}'.");

            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        }

        if (files.Length > 0)
            builder.AddEnvironmentVariables();

        builder.AddInMemoryCollection(given.Select(text => KeyValuePair.Create($"{path}:{text.Key}", (string?)text.Value)));
        var root = Build(builder);
        if (name.Length == 0)
            return (root, root);

        return root.GetSection(path)[SessionSettings.Provider] is not null
            ? (root, root.GetSection(name))
            : throw new UsageException($"The configuration has no setting {path}:{SessionSettings.Provider}. {_section.Name} names the section of the sessions, such as {_section.Name} Admin.");
    }

    private static IConfigurationRoot Build(ConfigurationBuilder builder)
    {
        try
        {
            return builder.Build();
        }
        catch (InvalidDataException failure)
        {
            throw new UsageException($"{failure.Message} {failure.InnerException?.Message}");
        }
    }

    private Dictionary<string, string> Given(ParseResult arguments, bool hasFiles)
    {
        var given = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var option in arguments.GetValue(_option) ?? [])
        {
            var parts = option.Split('=', 2);
            given[parts[0]] = parts.Length == 2 ? parts[1] : throw new UsageException($"{_option.Name} must be Name=Value, such as {_option.Name} KeyPrefix=app:, but has no '='.");
        }

        if (arguments.GetValue(_store) is { } store)
            given[SessionSettings.Provider] = store;

        var connection = arguments.GetValue(_connection) ?? (hasFiles || IsMemory(given) ? null : Environment.GetEnvironmentVariable(_variable));
        if (!string.IsNullOrEmpty(connection))
            given["Connection"] = connection;

        return given;
    }

    private static bool IsMemory(Dictionary<string, string> given) => SessionStoreProviders.Proper(given.GetValueOrDefault(SessionSettings.Provider, "")) == "Memory";
}
