namespace FrameworkSession;

/// <summary>An application that knows the framework's session alone. Two registration lines decide where its sessions live.</summary>
/// <remarks>
/// <code>
/// dotnet run -- --Framework true                                    the framework's own session
/// dotnet run                                                        SessionStores, in memory
/// dotnet run -- --Sessions:Store:Provider Redis --Sessions:Store:Connection localhost:6379
/// </code>
/// </remarks>
public static class Shop
{
    /// <summary>Puts the application together.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(Shop).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddControllersWithViews().AddSessionStateTempDataProvider();

        var isFramework = builder.Configuration.GetValue<bool>("Framework");
        if (isFramework)
            builder.Services.AddDistributedMemoryCache().AddSession();
        else
            builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));

        var app = builder.Build();
        if (isFramework)
            app.UseSession();
        else
            app.UseSessionStores();

        app.MapControllers();
        return app;
    }
}
