using System.Security.Authentication;
using Npgsql;

namespace SessionStores.Postgres;

/// <remarks>Where connections come from.</remarks>
internal sealed partial class PostgresConnection
{
    /// <summary>The data source of the application, or one of the store's own, which is created anew when the credentials name another user.</summary>
    internal sealed class Pool : IAsyncDisposable
    {
        private readonly NpgsqlConnectionStringBuilder _settings;
        private readonly Func<CancellationToken, ValueTask<PostgresCredential>>? _credentials;
        private readonly bool _isOwn;
        private readonly Lock _gate = new();
        private NpgsqlDataSource? _source;
        private string? _user;

        public Pool(NpgsqlDataSource source)
        {
            _source = source;
            _settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        }

        public Pool(NpgsqlConnectionStringBuilder settings, Func<CancellationToken, ValueTask<PostgresCredential>>? credentials)
        {
            _settings = settings;
            _credentials = credentials;
            _isOwn = true;
            if (credentials is null)
                _source = NpgsqlDataSource.Create(settings);
        }

        public bool IsMultiplexed => _settings.Multiplexing;

        /// <summary>The servers and the database, without user and password.</summary>
        public string Place => $"{_settings.Host}:{_settings.Port}/{_settings.Database ?? _settings.Username}";

        public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
            _credentials is null ? _source!.OpenConnectionAsync(cancellationToken) : OpenWithCredentialsAsync(cancellationToken);

        /// <summary>Closes the idle connections, and those in use when they are returned.</summary>
        public void Clear() => _source?.Clear();

        public async ValueTask DisposeAsync()
        {
            NpgsqlDataSource? source;
            lock (_gate)
                source = _source;

            if (_isOwn && source is not null)
                await source.DisposeAsync().ConfigureAwait(false);
        }

        private async ValueTask<NpgsqlConnection> OpenWithCredentialsAsync(CancellationToken cancellationToken)
        {
            var source = _source ?? await RenewAsync(null, cancellationToken).ConfigureAwait(false);
            try
            {
                return await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (PostgresFaults.IsLoginRefused(exception))
            {
                var renewed = await RenewAsync(source, cancellationToken).ConfigureAwait(false);
                if (renewed == source)
                    throw;

                source = renewed;
            }

            return await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }

        /// <summary>The data source for the user that the credentials name now.</summary>
        /// <param name="refused">The one whose user was refused.</param>
        /// <param name="cancellationToken">The caller's token.</param>
        private async ValueTask<NpgsqlDataSource> RenewAsync(NpgsqlDataSource? refused, CancellationToken cancellationToken)
        {
            var user = (await AskAsync(cancellationToken).ConfigureAwait(false)).User ?? _settings.Username;
            NpgsqlDataSource? old;
            NpgsqlDataSource renewed;
            lock (_gate)
            {
                if (_source is not null && (_source != refused || user == _user))
                    return _source;

                old = _source;
                _user = user;
                _source = renewed = Create(user);
            }

            if (old is not null)
                await old.DisposeAsync().ConfigureAwait(false);

            return renewed;
        }

        /// <summary>The password is asked for whenever a connection signs in.</summary>
        private NpgsqlDataSource Create(string? user)
        {
            var settings = new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { Username = user, Password = null, Passfile = null };
            var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
            builder.UsePasswordProvider(
                _ => throw new NotSupportedException("The store opens connections asynchronously."),
                async (_, cancellationToken) => (await AskAsync(cancellationToken).ConfigureAwait(false)).Password ?? "");
            return builder.Build();
        }

        private async ValueTask<PostgresCredential> AskAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await _credentials!(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new InvalidCredentialException($"{nameof(PostgresStoreOptions)}.{nameof(PostgresStoreOptions.Credentials)} failed.", exception);
            }
        }
    }
}
