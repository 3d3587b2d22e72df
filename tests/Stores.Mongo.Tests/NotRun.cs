namespace SessionStores.Mongo.Tests;

public sealed class NotRun
{
    [Fact(Skip = "MongoDB.Driver does not restore from the configured package sources")]
    public void MongoStore_is_tested_with_its_driver()
    {
    }
}
