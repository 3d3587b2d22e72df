using SessionStores.Http;
using SessionStores.Http.Load;
using SessionStores.Http.Run;
using SessionStores.Http.Sites;

switch (args)
{
    case ["serve", var site, var store, .. var rest]:
        return await SiteHost.ServeAsync(site, store, rest.FirstOrDefault() ?? "");
    case ["load", var url, var cookies, var connections, var seconds]:
        return await LoadGenerator.RunAsync(new Uri(url), cookies, int.Parse(connections), double.Parse(seconds));
    case ["run", .. var rest] when RunArguments.TryParse(rest, out var arguments):
        return await Comparison.RunAsync(arguments);
    case ["chart", var report, var image]:
        return await Chart.WriteAsync(report, image);
    default:
        Console.Error.WriteLine(RunArguments.Usage);
        return 2;
}
