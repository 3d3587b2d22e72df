using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;
using StackExchange.Redis;

namespace SessionStores.AspNetCore.IntegrationTests;

/// <summary>Whatever bytes another program puts into the server, a site stays up. A failure names the seed.</summary>
public sealed class RandomRecordsTests
{
    private const int Seed = 20_260_101;
    private const int Count = 400;

    [Fact]
    public async Task Records_in_Redis_that_were_grown_from_real_ones_leave_the_site_up()
    {
        await using var server = await ServerOf.StartAsync("Redis");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString!);

        var planted = await RunAsync("Redis", server.ConnectionString!, async (id, payload) =>
            await redis.GetDatabase().StringSetAsync("sess:" + id, payload, TimeSpan.FromHours(1)));

        Assert.Equal(Count, planted);
    }

    [Fact]
    public async Task Records_in_PostgreSQL_that_were_grown_from_real_ones_leave_the_site_up()
    {
        await using var server = await ServerOf.StartAsync("Postgres");
        await using var source = NpgsqlDataSource.Create(server.ConnectionString!);

        var planted = await RunAsync("Postgres", server.ConnectionString!, async (id, payload) =>
        {
            try
            {
                await using var command = source.CreateCommand("UPDATE session SET sess = $1::json WHERE sid = $2");
                command.Parameters.Add(new NpgsqlParameter { Value = Encoding.UTF8.GetString(payload) });
                command.Parameters.Add(new NpgsqlParameter { Value = id });
                return await command.ExecuteNonQueryAsync() == 1;
            }
            catch (PostgresException)
            {
                // A column of JSON takes none of these bytes.
                return false;
            }
        });

        Assert.InRange(planted, Count / 10, Count);
    }

    private static async Task<int> RunAsync(string provider, string connection, Func<string, byte[], Task<bool>> plant)
    {
        await using var app = await StartAsync(provider, connection);
        var mutations = new Mutations(Seed);
        var planted = 0;
        for (var record = 0; record < Count; record++)
        {
            using var browser = new Browser(app.GetTestServer().CreateHandler(), new Uri("http://localhost"));
            Assert.Equal(200, (await browser.GetAsync("/change")).Status);
            var payload = mutations.Next();
            if (!await plant(browser.SessionId!, payload))
                continue;

            planted++;
            try
            {
                for (var request = 0; request < 2; request++)
                {
                    var answer = await browser.GetAsync(record % 2 == 0 ? "/change" : "/rotate");
                    Assert.Equal(200, answer.Status);
                    Assert.All(answer.SetCookies, cookie => Assert.InRange(cookie.Length, 1, 2000));
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {Seed}, record {record}: {Convert.ToBase64String(payload)}.", failure);
            }
        }

        return planted;
    }

    private static async Task<WebApplication> StartAsync(string provider, string connection)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sessions:Secrets"] = "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ",
            ["Sessions:Rolling"] = "true",
            ["Sessions:Store:Provider"] = provider,
            ["Sessions:Store:Connection"] = connection,
        });
        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
        var app = builder.Build();
        app.UseSessionStores();
        app.MapGet("/change", (HttpContext context, HttpSession session) =>
        {
            foreach (var key in context.Session.Keys)
                context.Session.TryGetValue(key, out _);

            session.Set("changed", true);
        });
        app.MapGet("/rotate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        await app.StartAsync();
        return app;
    }
}
