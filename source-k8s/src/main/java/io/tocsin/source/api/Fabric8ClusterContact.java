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
import io.tocsin.source.api.ClusterContact.Limited;
import io.tocsin.source.api.ClusterContact.NotKubernetes;
import io.tocsin.source.api.ClusterContact.Ready;
import io.tocsin.source.api.ClusterContact.Unreachable;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tries once whether a cluster can be reached and its events listed and watched, and tells what is
 * wrong otherwise. Stateless; any thread; blocks for at most about 15 seconds per namespace, plus
 * whatever a credential plugin takes.
 */
public final class Fabric8ClusterContact {

    private static final long ANSWER_MILLIS = 10_000;
    private static final String IN_CLUSTER = "in-cluster";

    private static final String NODES = "nodes";
    private static final List<String> NONE = List.of();

    private Fabric8ClusterContact() {}

    /**
     * @param namespaces namespaces to be watched; {@code *} stands for all
     */
    public static ClusterContact check(ClusterAccess access, List<String> namespaces)
            throws InterruptedException {
        return check(access, namespaces, null, List.of());
    }

    /**
     * As {@link #check(ClusterAccess, List)}; with a selector, whether namespaces can be selected,
     * and whether other resources can be watched too: those of namespaces only where these are
     * named.
     *
     * @param selector label selector of namespaces, or null where they are named
     * @param resources what is to be watched besides events, such as {@code pods}
     */
    public static ClusterContact check(
            ClusterAccess access,
            List<String> namespaces,
            String selector,
            Collection<String> resources)
            throws InterruptedException {
        String context;
        try {
            context = contextName(access);
        } catch (BadConfigException e) {
            return new BadConfig(e.problem(), e.remedy());
        }
        try (Fabric8Connection connection = Fabric8Connection.open(access)) {
            return check(connection, access, context, namespaces, selector, resources);
        } catch (BadConfigException e) {
            return new BadConfig(e.problem(), e.remedy());
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
            String selector,
            Collection<String> resources)
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
        ResourceApiFactory apis = new Fabric8ResourceApiFactory();
        ClusterContact problem = events(trial, apis, access, namespaces, selector);
        return problem == null
                ? objects(trial, apis, access, namespaces, selector, resources, ready)
                : problem;
    }

    /** Null if they can be watched in one namespace at least. */
    private static ClusterContact events(
            ListWatchTrial trial,
            ResourceApiFactory apis,
            ClusterAccess access,
            List<String> namespaces,
            String selector)
            throws InterruptedException {
        if (selector != null) {
            return trial.of(
                    apis.openSelected(access, "namespaces", selector),
                    "namespaces with labels " + selector);
        }
        ClusterContact refused = null;
        for (String namespace : namespaces.isEmpty() ? List.of("*") : namespaces) {
            ClusterContact problem =
                    trial.of(apis.open(access, "events", namespace), in("events", namespace));
            if (problem == null) {
                return null;
            }
            if (refused == null || !(problem instanceof Forbidden)) {
                refused = problem;
            }
        }
        return refused;
    }

    /** Whether what is watched besides events may be, where that is known before the start. */
    private static ClusterContact objects(
            ListWatchTrial trial,
            ResourceApiFactory apis,
            ClusterAccess access,
            List<String> namespaces,
            String selector,
            Collection<String> resources,
            Ready ready)
            throws InterruptedException {
        List<Limited.Refusal> refusals = new ArrayList<>();
        for (String resource : resources) {
            List<String> scopes = namespaces;
            if (resource.equals(NODES) || (namespaces.isEmpty() && selector == null)) {
                scopes = List.of("*");
            }
            for (String scope : selector == null || resource.equals(NODES) ? scopes : NONE) {
                String what = resource.equals(NODES) ? NODES : in(resource, scope);
                ClusterContact problem = trial.of(apis.open(access, resource, scope), what);
                if (problem instanceof Forbidden forbidden) {
                    refusals.add(new Limited.Refusal(resource, scope, forbidden.message()));
                } else if (problem != null) {
                    return problem;
                }
            }
        }
        return refusals.isEmpty() ? ready : new Limited(ready, List.copyOf(refusals));
    }

    private static String in(String resource, String scope) {
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
