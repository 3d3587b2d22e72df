using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Names that do not exist stop the application at its start.</summary>
public sealed class TicketSetUpTests
{
    public static TheoryData<Action<AuthenticationBuilder>, string> Mistakes => new()
    {
        { builder => builder.AddCookie().AddSessionTickets("Cokies"), "AddSessionTickets(\"Cokies\"): there is no authentication scheme 'Cokies'. Did you mean 'Cookies'?" },
        { builder => builder.AddCookie().AddSessionTickets("Completely different"), "AddSessionTickets(\"Completely different\"): there is no authentication scheme 'Completely different'. Known are 'Cookies'; AddCookie adds one." },
        { builder => builder.AddSessionTickets(), "AddSessionTickets(\"Cookies\"): there is no authentication scheme 'Cookies'. Known are none; AddCookie adds one." },
        { builder => builder.AddScheme<AuthenticationSchemeOptions, Nothing>("Nothing", null).AddSessionTickets("Nothing"), "AddSessionTickets(\"Nothing\"): the authentication scheme 'Nothing' is not one of cookie authentication. Use the scheme that was given to AddCookie." },
        { builder => builder.AddCookie().AddSessionTickets(configure: options => options.SessionsName = "admn"), "SessionTicketOptions.SessionsName of the scheme 'Cookies' must be the name of a set of sessions, but is 'admn'. Did you mean 'admin'?" },
        { builder => builder.AddCookie().AddSessionTickets(configure: options => options.Subject = null!), "SessionTicketOptions.Subject of the scheme 'Cookies' must not be null. Return null from it for sign-ins without an owner." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_name_that_does_not_exist_is_refused_at_start_with_the_nearest_one(Action<AuthenticationBuilder> add, string problem)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSessionStores(options => options.Secrets.Add("0d1Yx8Vq3mZr5Tt7Bn9Wk2Lp4Hs6Jg8F"));
        builder.Services.AddSessionStores("admin", options =>
        {
            options.Secrets.Add("8F0d1Yx8Vq3mZr5Tt7Bn9Wk2Lp4Hs6Jg");
            options.Name = "admin.sid";
        });
        add(builder.Services.AddAuthentication());
        await using var app = builder.Build();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Equal([problem], failure.Failures);
    }

    private sealed class Nothing(IOptionsMonitor<AuthenticationSchemeOptions> options, Microsoft.Extensions.Logging.ILoggerFactory logger, System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }
}
