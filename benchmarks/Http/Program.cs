using SessionStores.Http;
using SessionStores.Http.Load;
using SessionStores.Http.Sites;

switch (args)
{
    case ["serve", var site, var store, .. var rest]:
        return await SiteHost.ServeAsync(site, store, rest.FirstOrDefault() ?? "");
    case ["load", var url, var cookies, var connections, var seconds]:
        return await LoadGenerator.RunAsync(new Uri(url), cookies, int.Parse(connections), double.Parse(seconds));
    case ["bench", .. var rest] when RunArguments.TryParse(rest, out var arguments):
        return await Bench.RunAsync(arguments);
    default:
        Console.Error.WriteLine(RunArguments.Usage);
        return 2;
}
