using Site;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRazorPages();
builder.Services.AddSingleton<Accounts>();

// The section Sessions of appsettings.json has the options and the store; ConnectionStrings has the connection.
builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));

var app = builder.Build();
app.UseStaticFiles();
app.UseSessionStores();
app.MapRazorPages();
app.Run();
