using System.Net;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Connections;
using MongoDB.Driver.Core.Servers;

namespace SessionStores.Mongo.Tests;

/// <summary>Replies that the servers of tests do not give: those of replica sets and of users with rights.</summary>
public sealed class MongoFaultsTests
{
    private static readonly ConnectionId Connection = new(new ServerId(new ClusterId(), new DnsEndPoint("localhost", 27017)));
    private static readonly BsonDocument Command = [];

    public static TheoryData<Exception, SessionStoreFault> Faults => new()
    {
        { new MongoNotPrimaryException(Connection, Command, Reply(10107)), SessionStoreFault.ReadOnly },
        { new MongoNodeIsRecoveringException(Connection, Command, Reply(189)), SessionStoreFault.ReadOnly },
        { new MongoNodeIsRecoveringException(Connection, Command, Reply(11600)), SessionStoreFault.Unavailable },
        { new MongoCommandException(Connection, "", Command, Reply(13)), SessionStoreFault.Refused },
        { new MongoCommandException(Connection, "", Command, Reply(14031)), SessionStoreFault.ReadOnly },
        { new MongoCommandException(Connection, "", Command, Reply(85)), SessionStoreFault.Misconfigured },
        { new MongoCommandException(Connection, "", Command, Reply(262)), SessionStoreFault.Timeout },
        { new MongoCommandException(Connection, "", Command, Reply(8)), SessionStoreFault.Failed },
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
    public void A_fault_of_the_driver_has_its_kind_and_a_full_sentence(Exception exception, SessionStoreFault fault)
    {
        Assert.True(MongoFaults.Describes(exception));
        var translated = Translate(exception);

        Assert.Equal(fault, translated.Fault);
        Assert.Equal(("MongoStore", "Get"), (translated.Store, translated.Operation));
        Assert.Same(exception, translated.InnerException);
        Assert.Matches(@"^MongoStore\.Get: [A-Z].*\.$", translated.Message);
    }

    [Fact]
    public void An_error_of_the_server_is_named_by_its_code()
    {
        var exception = new MongoCommandException(Connection, "text with an id", Command, Reply(8));

        Assert.Equal("8", MongoFaults.CodeOf(exception));
        Assert.Equal("MongoStore.Get: The MongoDB server returned an error (8).", Translate(exception).Message);
    }

    [Fact]
    public void The_driver_text_about_a_bad_configuration_is_not_passed_on()
    {
        var translated = Translate(new MongoConfigurationException("mongodb://user:s3cret@host"), isConnected: false);

        Assert.Equal(SessionStoreFault.Misconfigured, translated.Fault);
        Assert.DoesNotContain("s3cret", translated.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, SessionStoreFault.Timeout)]
    [InlineData(false, SessionStoreFault.Unavailable)]
    public void The_end_of_the_time_is_a_timeout_when_a_server_is_known(bool isConnected, SessionStoreFault fault) =>
        Assert.Equal(fault, Translate(new TimeoutException(), isConnected).Fault);

    [Fact]
    public void A_timeout_names_the_option_and_its_value() =>
        Assert.Contains("did not respond within OperationTimeout (00:00:05)", Translate(new TimeoutException()).Message, StringComparison.Ordinal);

    [Fact]
    public void Exceptions_that_are_not_about_the_server_pass()
    {
        foreach (var exception in new Exception[] { new OperationCanceledException(), new ArgumentException(), new InvalidOperationException(), new ObjectDisposedException("") })
            Assert.False(MongoFaults.Describes(exception));
    }

    private static SessionStoreException Translate(Exception exception, bool isConnected = true) =>
        MongoFaults.Translate("Get", exception, TimeSpan.FromSeconds(5), isConnected);

    private static BsonDocument Reply(int code) => new() { { "ok", 0 }, { "code", code }, { "errmsg", "" } };
}
