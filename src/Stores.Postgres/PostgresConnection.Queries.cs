using Dapper;
using SessionStores.Postgres;

[module: DapperAot]
[module: CommandFactory<QueryFactory<object>>]

namespace SessionStores.Postgres;

/// <summary>The parameters of a statement that Dapper runs, by the names of the properties, and how it is cancelled.</summary>
internal abstract record QueryParameters
{
    /// <summary>Not public, and so not a parameter.</summary>
    internal CancellationToken Token { get; init; }
}

/// <summary>The base of the command factories that Dapper.AOT generates for each type of parameters (decision 15).</summary>
internal class QueryFactory<T> : CommandFactory<T>
{
    public override CancellationToken GetCancellationToken(T args) => args is QueryParameters parameters ? parameters.Token : CancellationToken.None;
}
