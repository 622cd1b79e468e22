# Tocsin's job in the official Flink image, for k8s-flinkdeployment.yaml. Build the jar first, with ./mvnw package:
#   docker build -t REGISTRY/tocsin:0.1.0 .
FROM flink:1.20.3-java17

# Read-only to the user who runs it. Not in usrlib, over which some modes of the operator mount an empty folder.
COPY job/target/tocsin-job-0.1.0-SNAPSHOT.jar /opt/flink/jobs/tocsin.jar
# Standalone and session clusters use these; the operator mounts what the FlinkDeployment says in their place.
COPY --chown=9999:9999 flink-conf/config.yaml flink-conf/log4j-console.properties /opt/flink/conf/

# flink, in the base image. A number, so that Kubernetes can tell that it is not root.
USER 9999:9999
