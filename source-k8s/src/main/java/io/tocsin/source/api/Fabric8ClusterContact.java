/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.tocsin.source.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.tocsin.source.api.ClusterContact.BadConfig;
import io.tocsin.source.api.ClusterContact.Forbidden;
import io.tocsin.source.api.ClusterContact.NotKubernetes;
import io.tocsin.source.api.ClusterContact.Ready;
import io.tocsin.source.api.ClusterContact.Unreachable;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tries once whether a cluster can be reached and its events listed and watched, and tells what is
 * wrong otherwise. Stateless; any thread; each list and each watch that is tried blocks for at most
 * about 10 seconds, plus whatever a credential plugin takes.
 */
public final class Fabric8ClusterContact {

    private static final long ANSWER_MILLIS = 10_000;
    private static final Fabric8ResourceApi.Timeouts TRIAL =
            new Fabric8ResourceApi.Timeouts(ANSWER_MILLIS, ANSWER_MILLIS, 5_000);
    private static final String IN_CLUSTER = "in-cluster";

    private Fabric8ClusterContact() {}

    /**
     * @param namespaces namespaces to be watched; {@code *} stands for all
     */
    public static ClusterContact check(ClusterAccess access, List<String> namespaces)
            throws InterruptedException {
        return check(access, namespaces, null);
    }

    /**
     * As {@link #check(ClusterAccess, List)}; with a selector, whether namespaces can be selected.
     *
     * @param selector label selector of namespaces, or null where they are named
     */
    public static ClusterContact check(
            ClusterAccess access, List<String> namespaces, String selector)
            throws InterruptedException {
        String context;
        try {
            context = contextName(access);
        } catch (BadConfigException e) {
            return new BadConfig(e.problem(), e.remedy());
        }
        try (Fabric8Connection connection = Fabric8Connection.open(access)) {
            return check(connection, access, context, namespaces, selector);
        } catch (BadConfigException e) {
            return new BadConfig(e.problem(), e.remedy());
        }
    }

    /**
     * Tries once whether a resource that is watched besides events can be listed and watched, once
     * there was contact with the cluster.
     *
     * @param resource plural name, such as {@code pods}
     * @param scope {@code *} for all namespaces, or the name of one
     * @return null if it can
     */
    public static Refusal refusal(ClusterAccess access, String resource, String scope)
            throws InterruptedException {
        try (Fabric8Connection connection = Fabric8Connection.open(access)) {
            String server = withoutCredentials(connection.client().server());
            ListWatchTrial trial = new ListWatchTrial(server, contextName(access));
            ResourcePath path = ResourcePath.of(resource, scope);
            ClusterContact problem = trial.of(open(access, path), in(resource, scope));
            return problem == null ? null : Refusal.of(resource, scope, problem);
        } catch (BadConfigException e) {
            // It could be used a moment ago: a file that is being replaced, a plugin that failed.
            return new Refusal(
                    resource, scope, Refusal.Cause.TROUBLE, e.problem() + ": " + e.remedy());
        }
    }

    /**
     * Names of the contexts that can be chosen.
     *
     * @param kubeconfig path of a file; null for the default
     * @throws IllegalArgumentException if there is none, or it cannot be read
     */
    public static List<String> contexts(String kubeconfig) {
        ClusterAccess access = new ClusterAccess(kubeconfig, null, false);
        return Fabric8Kubeconfig.read(access).contextNames();
    }

    /**
     * Name of the context that is used: the chosen one, else the kubeconfig's current one, else
     * {@code in-cluster}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static String contextName(ClusterAccess access) {
        if (access.inCluster()) {
            return IN_CLUSTER;
        }
        Fabric8Kubeconfig kubeconfig = Fabric8Kubeconfig.read(access);
        return kubeconfig.isAbsent() ? IN_CLUSTER : kubeconfig.context(access.context()).getName();
    }

    private static ClusterContact check(
            Fabric8Connection connection,
            ClusterAccess access,
            String context,
            List<String> namespaces,
            String selector)
            throws InterruptedException {
        Fabric8Connection.Client client = connection.client();
        String server = withoutCredentials(client.server());
        ListWatchTrial trial = new ListWatchTrial(server, context);
        HttpResponse<byte[]> answer;
        try {
            answer = get(client, "version");
        } catch (IOException e) {
            return new Unreachable("no answer from " + server + ": " + e.getMessage());
        }
        byte[] body = answer.body() == null ? new byte[0] : answer.body();
        String version = gitVersion(body);
        StatusReader status = StatusReader.read(body, 0, body.length);
        if (answer.code() >= 500) {
            return new Unreachable(
                    server + " answers with HTTP " + answer.code() + ": " + status.message());
        }
        if (answer.code() == 401) {
            return trial.unauthorized();
        }
        if (version == null && !(answer.code() == 403 && status.kubernetes())) {
            return new NotKubernetes(
                    server
                            + "/version answers with HTTP "
                            + answer.code()
                            + " and no Kubernetes version: "
                            + status.message());
        }
        Ready ready = new Ready(version == null ? "unknown" : version, context, server);
        ClusterContact problem = events(trial, access, namespaces, selector);
        return problem == null ? ready : problem;
    }

    /** Null if they can be watched in one namespace at least. */
    private static ClusterContact events(
            ListWatchTrial trial, ClusterAccess access, List<String> namespaces, String selector)
            throws InterruptedException {
        if (selector != null) {
            return trial.of(
                    open(access, ResourcePath.of("namespaces", "*").selecting(selector)),
                    "namespaces with labels " + selector);
        }
        ClusterContact refused = null;
        for (String namespace : namespaces.isEmpty() ? List.of("*") : namespaces) {
            ClusterContact problem =
                    trial.of(
                            open(access, ResourcePath.of("events", namespace)),
                            in("events", namespace));
            if (problem == null) {
                return null;
            }
            if (refused == null || !(problem instanceof Forbidden)) {
                refused = problem;
            }
        }
        return refused;
    }

    private static ResourceApi open(ClusterAccess access, ResourcePath path) {
        return new Fabric8ResourceApi(Fabric8Connection.open(access), path, TRIAL, Bounds.DEFAULT);
    }

    private static String in(String resource, String scope) {
        if (ResourcePath.isClusterScoped(resource)) {
            return resource;
        }
        return resource + " in " + (scope.equals("*") ? "all namespaces" : "namespace " + scope);
    }

    private static HttpResponse<byte[]> get(Fabric8Connection.Client client, String path)
            throws IOException, InterruptedException {
        try {
            HttpRequest request =
                    client.http()
                            .newHttpRequestBuilder()
                            .uri(URI.create(client.server() + path))
                            .setHeader("Accept", "application/json")
                            .build();
            CompletableFuture<HttpResponse<byte[]>> future =
                    client.http().sendAsync(request, byte[].class);
            return future.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(NetworkFailure.describe(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("nothing came within " + ANSWER_MILLIS / 1000 + " s", e);
        } catch (RuntimeException e) {
            throw new IOException(NetworkFailure.describe(e), e);
        }
    }

    /** Null if it is no answer of /version. */
    private static String gitVersion(byte[] body) {
        String version = null;
        try (JsonParser parser = Json.parser(body, 0, body.length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("gitVersion")) {
                    version = Json.string(parser, field);
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            return null;
        }
        return version == null ? null : StatusReader.printable(version, 60);
    }

    private static String withoutCredentials(String server) {
        URI uri = URI.create(server);
        return uri.getScheme()
                + "://"
                + uri.getHost()
                + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }
}
