using System.Net;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Connections;
using MongoDB.Driver.Core.Servers;

namespace SessionStores.Mongo.Tests;

/// <summary>Answers that no server which tests can start gives: those of replica sets and of users with rights.</summary>
public sealed class FaultTranslationTests
{
    private static readonly ConnectionId Connection = new(new ServerId(new ClusterId(), new DnsEndPoint("localhost", 27017)));
    private static readonly BsonDocument Command = [];

    public static TheoryData<Exception, SessionStoreFault> Faults => new()
    {
        { new MongoNotPrimaryException(Connection, Command, Answer(10107)), SessionStoreFault.ReadOnly },
        { new MongoNodeIsRecoveringException(Connection, Command, Answer(189)), SessionStoreFault.ReadOnly },
        { new MongoNodeIsRecoveringException(Connection, Command, Answer(11600)), SessionStoreFault.Unavailable },
        { new MongoCommandException(Connection, "", Command, Answer(13)), SessionStoreFault.Refused },
        { new MongoCommandException(Connection, "", Command, Answer(14031)), SessionStoreFault.ReadOnly },
        { new MongoCommandException(Connection, "", Command, Answer(85)), SessionStoreFault.Misconfigured },
        { new MongoCommandException(Connection, "", Command, Answer(262)), SessionStoreFault.Timeout },
        { new MongoCommandException(Connection, "", Command, Answer(8)), SessionStoreFault.Failed },
        { new MongoAuthenticationException(Connection, ""), SessionStoreFault.Refused },
        { new MongoConnectionException(Connection, "", new MongoAuthenticationException(Connection, "")), SessionStoreFault.Refused },
        { new MongoConnectionException(Connection, ""), SessionStoreFault.Unavailable },
        { new MongoExecutionTimeoutException(Connection, ""), SessionStoreFault.Timeout },
        { new MongoIncompatibleDriverException(new ClusterDescription(new ClusterId(), false, null, ClusterType.Unknown, [])), SessionStoreFault.Misconfigured },
        { new MongoException(""), SessionStoreFault.Failed },
        { new IOException(), SessionStoreFault.Unavailable },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_of_the_driver_has_its_kind(Exception exception, SessionStoreFault fault)
    {
        var translated = MongoFaults.Translate(exception, "Get", new MongoStoreOptions(), timedOut: false, isConnected: true);

        Assert.Equal(fault, translated!.Fault);
        Assert.Equal(("MongoStore", "Get"), (translated.Store, translated.Operation));
        Assert.Same(exception, translated.InnerException);
    }

    [Fact]
    public void A_bad_configuration_is_told_without_the_drivers_text()
    {
        var translated = MongoFaults.Translate(new MongoConfigurationException("mongodb://user:s3cret@host"), "Get", new MongoStoreOptions(), timedOut: false, isConnected: false);

        Assert.Equal(SessionStoreFault.Misconfigured, translated!.Fault);
        Assert.DoesNotContain("s3cret", translated.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, SessionStoreFault.Timeout)]
    [InlineData(false, SessionStoreFault.Unavailable)]
    public void An_end_of_time_is_a_timeout_where_a_server_is_known(bool isConnected, SessionStoreFault fault)
    {
        Assert.Equal(fault, MongoFaults.Translate(new OperationCanceledException(), "Get", new MongoStoreOptions(), timedOut: true, isConnected)!.Fault);
        Assert.Equal(fault, MongoFaults.Translate(new TimeoutException(), "Get", new MongoStoreOptions(), timedOut: false, isConnected)!.Fault);
    }

    [Fact]
    public void What_is_no_fault_of_the_server_passes()
    {
        foreach (var exception in new Exception[] { new OperationCanceledException(), new ArgumentException(), new InvalidOperationException(), new ObjectDisposedException("") })
            Assert.Null(MongoFaults.Translate(exception, "Get", new MongoStoreOptions(), timedOut: false, isConnected: true));
    }

    private static BsonDocument Answer(int code) => new() { { "ok", 0 }, { "code", code }, { "errmsg", "" } };
}
