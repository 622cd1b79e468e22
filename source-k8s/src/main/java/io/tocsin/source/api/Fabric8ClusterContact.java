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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Tries once whether a cluster can be reached and its events listed and watched, and tells what is
 * wrong otherwise. Stateless; any thread; blocks for at most about 15 seconds per namespace, plus
 * whatever a credential plugin takes.
 */
public final class Fabric8ClusterContact {

    private static final long ANSWER_MILLIS = 10_000;
    private static final String IN_CLUSTER = "in-cluster";

    /** KEP-5504: what can be compared. */
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,39}");

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
            return unauthorized(server, context);
        }
        if (version == null && !(answer.code() == 403 && status.kubernetes())) {
            return new NotKubernetes(
                    server
                            + "/version answers with HTTP "
                            + answer.code()
                            + " and no Kubernetes version: "
                            + status.message());
        }
        ResourceApiFactory apis = new Fabric8ResourceApiFactory();
        if (selector != null) {
            String what = "namespaces with labels " + selector;
            ClusterContact problem =
                    attempt(
                            apis.openSelected(access, "namespaces", selector),
                            what,
                            server,
                            context);
            return problem == null
                    ? new Ready(version == null ? "unknown" : version, context, server)
                    : problem;
        }
        ClusterContact refused = null;
        for (String namespace : namespaces.isEmpty() ? List.of("*") : namespaces) {
            boolean all = namespace.equals("*");
            String what = "events in " + (all ? "all namespaces" : "namespace " + namespace);
            ClusterContact problem =
                    attempt(apis.open(access, "events", namespace), what, server, context);
            if (problem == null) {
                return new Ready(version == null ? "unknown" : version, context, server);
            }
            if (refused == null || !(problem instanceof Forbidden)) {
                refused = problem;
            }
        }
        return refused;
    }

    /** Null if what an API leads to can be listed and watched. Closes it. */
    private static ClusterContact attempt(
            ResourceApi opened, String what, String server, String context)
            throws InterruptedException {
        try (ResourceApi api = opened) {
            Attempt attempt = new Attempt(api);
            api.list(1, null, null, attempt);
            if (!(attempt.last instanceof Signal.Page page)) {
                return problem("list", attempt.last, what, server, context);
            }
            if (!DECIMAL.matcher(page.resourceVersion()).matches()) {
                return new NotKubernetes(
                        server
                                + " numbers its versions like '"
                                + StatusReader.printable(page.resourceVersion(), 40)
                                + "'; decimal numbers were expected, as every Kubernetes API server"
                                + " on etcd has them");
            }
            attempt.watching = true;
            api.watch(page.resourceVersion(), Duration.ofSeconds(1), attempt);
            return attempt.opened ? null : problem("watch", attempt.last, what, server, context);
        }
    }

    private static ClusterContact problem(
            String verb, Signal signal, String what, String server, String context) {
        if (signal instanceof Signal.Refused refused) {
            if (refused.status() == 401) {
                return unauthorized(server, context);
            }
            if (refused.status() == 403) {
                return new Forbidden(
                        "not allowed to "
                                + verb
                                + " "
                                + what
                                + " (context "
                                + context
                                + "): "
                                + refused.message());
            }
            if (refused.status() < 429) {
                return new NotKubernetes(
                        server
                                + " answers "
                                + verb
                                + " "
                                + what
                                + " with HTTP "
                                + refused.status()
                                + ": "
                                + refused.message());
            }
            return new Unreachable(
                    server + " answers with HTTP " + refused.status() + ": " + refused.message());
        }
        String message = signal instanceof Signal.Closed closed ? closed.message() : "" + signal;
        return new Unreachable("cannot " + verb + " " + what + " at " + server + ": " + message);
    }

    private static Forbidden unauthorized(String server, String context) {
        return new Forbidden(
                server
                        + " does not accept the credentials of context "
                        + context
                        + " (HTTP 401): log in again, or check its user in the kubeconfig");
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

    /** Remembers how a call ended; a watch that opens has shown enough. */
    private static final class Attempt implements ResourceApi.Handler {
        private final ResourceApi api;
        private Signal last;
        private boolean watching;
        private boolean opened;

        Attempt(ResourceApi api) {
            this.api = api;
        }

        @Override
        public boolean wants(String namespace, String name, String resourceVersion) {
            return false;
        }

        @Override
        public void on(Signal signal) {
            last = signal;
            if (watching && signal instanceof Signal.Opened) {
                opened = true;
                api.cancel();
            }
        }
    }
}
