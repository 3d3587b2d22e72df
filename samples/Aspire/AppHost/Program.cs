var builder = DistributedApplication.CreateBuilder(args);

var sessions = builder.AddRedis("sessions");
var secret = builder.AddParameter("session-secret", new GenerateParameterDefault { MinLength = 32 }, secret: true);

builder.AddProject<Projects.Site>("site")
    .WithReplicas(2)
    .WithReference(sessions) // sets ConnectionStrings__sessions
    .WithEnvironment("SessionSecret", secret)
    .WithHttpHealthCheck("/health")
    .WaitFor(sessions);

builder.Build().Run();
