using System.Data;
using System.Data.Common;
using Dapper;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Dapper as it also runs in native applications, where no code can be made at run time: parameters are named one by one, and rows are
/// read by a function. Mapping an object to either would be generated code.</summary>
internal static class Queries
{
    public static CommandDefinition Command(
        string sql, DynamicParameters? parameters, CancellationToken cancellationToken, NpgsqlTransaction? transaction = null, int? timeoutSeconds = null) =>
        new(sql, parameters, transaction, timeoutSeconds, cancellationToken: cancellationToken);

    public static DynamicParameters With(this DynamicParameters parameters, string name, string? value) => parameters.With(name, value, DbType.String);

    public static DynamicParameters With(this DynamicParameters parameters, string name, int value) => parameters.With(name, value, DbType.Int32);

    public static DynamicParameters With(this DynamicParameters parameters, string name, long value) => parameters.With(name, value, DbType.Int64);

    public static async Task<List<T>> ReadAllAsync<T>(this NpgsqlConnection connection, CommandDefinition command, Func<DbDataReader, T> read)
    {
        var rows = new List<T>();
        var reader = await connection.ExecuteReaderAsync(command).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(command.CancellationToken).ConfigureAwait(false))
                rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Reads the one row of a query that always answers one.</summary>
    public static async Task<T> ReadOneAsync<T>(this NpgsqlConnection connection, CommandDefinition command, Func<DbDataReader, T> read) =>
        (await connection.ReadAllAsync(command, read).ConfigureAwait(false)).Single();

    /// <summary>A text or null.</summary>
    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DynamicParameters With(this DynamicParameters parameters, string name, object? value, DbType type)
    {
        parameters.Add(name, value, type);
        return parameters;
    }
}
