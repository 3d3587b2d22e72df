using System.CommandLine;
using SessionStores.AspNetCore;

namespace SessionStores.Tool;

/// <summary>A command on one store.</summary>
internal abstract class StoreCommand : Command
{
    private readonly StoreArguments _store = new();
    private readonly Option<bool> _json = new("--json") { Description = "Prints JSON and nothing else." };

    protected StoreCommand(string name, string description)
        : base(name, description)
    {
        _store.AddTo(this);
        Options.Add(_json);
        SetAction((arguments, cancellationToken) => CommandRunner.RunAsync(arguments, arguments.GetValue(_json), terminal => RunAsync(arguments, terminal, cancellationToken)));
    }

    /// <summary>Asks before something is removed, unless it is given.</summary>
    protected static Option<bool> YesOption() => new("--yes", "-y") { Description = "Does it without asking." };

    protected static Option<string?> SubjectOption() => new("--subject") { Description = "Only the sessions of this subject, which is usually the id of a user." };

    /// <summary>Opens the store that the command line says.</summary>
    protected OpenStore Open(ParseResult arguments, string? ownPlace = null) => _store.Open(arguments, ownPlace);

    /// <summary>Opens the store that the command line says, without the one that the sessions are moved from.</summary>
    protected OpenStore OpenNew(ParseResult arguments) => _store.Open(arguments, movesSessions: false);

    /// <summary>Opens the store that the sessions are moved from; null where the configuration does not say that they are.</summary>
    protected OpenStore? OpenOld(ParseResult arguments) => _store.OpenOld(arguments);

    /// <summary>Opens the store that the command line says, to look after what is there: a table that is missing is an error, and is not created.</summary>
    protected OpenStore OpenExisting(ParseResult arguments) => _store.Open(arguments, createsNothing: true);

    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken);

    /// <summary>The sessions of a subject, or all.</summary>
    protected static IAsyncEnumerable<SessionRecord> SessionsOf(OpenStore store, string? subject, CancellationToken cancellationToken)
    {
        if (subject is null)
            return store.Capability<ISessionEnumeration>().AllAsync(cancellationToken: cancellationToken);

        return store.Capability<ISessionSubjects>().ListBySubjectAsync(SubjectOf(subject), cancellationToken: cancellationToken);
    }

    /// <summary>The subject in the store of a user id, which may be one that a store does not take, such as a very long one.</summary>
    /// <exception cref="UsageException">The text is empty.</exception>
    protected static string SubjectOf(string text) => text.Length > 0 ? SessionSubject.Of(text) : throw new UsageException("--subject must not be empty.");
}
