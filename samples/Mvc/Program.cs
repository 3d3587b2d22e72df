var builder = WebApplication.CreateBuilder(args);
builder.Services.AddControllersWithViews().AddSessionStateTempDataProvider();
builder.Services.AddSessionStores(options =>
{
    options.Name = ".Shop.Session";
    options.IdleTimeout = TimeSpan.FromMinutes(20);
    options.Cookie.IsEssential = true;
});

var app = builder.Build();
app.UseSessionStores();
app.MapDefaultControllerRoute();
app.Run();
