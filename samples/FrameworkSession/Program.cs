using FrameworkSession;

await Shop.Build(args).RunAsync();
