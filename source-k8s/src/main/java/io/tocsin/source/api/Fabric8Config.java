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

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Turns a {@link ClusterAccess} into fabric8's configuration, as kubectl would: the kubeconfig's or
 * the pod's, with its credentials, behind the proxies of the environment. Everything that can be
 * found wrong without asking the server is found here and told with a remedy.
 *
 * <p>Runs credential plugins, so it may block for as long as they do. Semantics: kubectl,
 * kubeconfig v1 and the service account of a pod.
 */
final class Fabric8Config {

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final Path SERVICE_ACCOUNT =
            Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** As kubectl: no proxy of the environment stands before this machine itself. */
    private static final Pattern LOOPBACK =
            Pattern.compile("^https?://(localhost|127\\.[0-9.]+|\\[::1])(:|/|$)");

    private Fabric8Config() {}

    /**
     * @throws BadConfigException if the access cannot be used
     */
    static Config load(ClusterAccess access) {
        Fabric8Kubeconfig kubeconfig = access.inCluster() ? null : Fabric8Kubeconfig.read(access);
        boolean inCluster = kubeconfig == null || kubeconfig.isAbsent();
        Config config = inCluster ? inCluster() : fromFile(kubeconfig, access.context());
        config.setUserAgent("tocsin");
        config.setRequestRetryBackoffLimit(0);
        config.setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        // A connection of its own per call: a dead HTTP/2 connection would take every later call
        // with it until TCP gives up, and share one flow control window between list and watch.
        config.setHttp2Disable(true);
        proxiesFromEnvironment(config);
        return config;
    }

    private static Config fromFile(Fabric8Kubeconfig kubeconfig, String chosen) {
        NamedContext context = kubeconfig.context(chosen);
        Config config = kubeconfig.merge(context);
        useProxyUrl(config);
        AuthInfo user = kubeconfig.user(context);
        if (user != null) {
            use(user, config, kubeconfig);
        }
        return config;
    }

    /**
     * fabric8 keeps a proxy-url by the scheme of the proxy, and looks it up by that of the server:
     * a plain proxy before a server with TLS, which is the usual one, would not be used.
     */
    private static void useProxyUrl(Config config) {
        String proxy =
                config.getHttpsProxy() == null ? config.getHttpProxy() : config.getHttpsProxy();
        config.setHttpProxy(proxy);
        config.setHttpsProxy(proxy);
    }

    /** What fabric8 leaves out of a kubeconfig's user: token files and impersonation. */
    private static void use(AuthInfo user, Config config, Fabric8Kubeconfig kubeconfig) {
        if (user.getTokenFile() != null && !user.getTokenFile().isEmpty()) {
            File base = config.getFileWithAuthInfo();
            File owner = base == null ? kubeconfig.first() : base;
            Path path = owner.getAbsoluteFile().toPath().resolveSibling(user.getTokenFile());
            useTokenFile(config, path);
        } else if (user.getAuthProvider() == null && config.getAutoOAuthToken() != null) {
            // fabric8 would re-read the kubeconfig and run its plugin again before later calls, of
            // its own accord; here only a 401 does that.
            String token = config.getAutoOAuthToken();
            config.setOauthTokenProvider(() -> token);
        }
        if (user.getAs() != null && !user.getAs().isEmpty()) {
            config.setImpersonateUsername(user.getAs());
            if (user.getAsGroups() != null) {
                config.setImpersonateGroups(user.getAsGroups().toArray(new String[0]));
            }
        }
    }

    static boolean isInPod() {
        return System.getenv("KUBERNETES_SERVICE_HOST") != null
                && Files.isReadable(SERVICE_ACCOUNT.resolve("token"));
    }

    private static Config inCluster() {
        String host = System.getenv("KUBERNETES_SERVICE_HOST");
        String port = System.getenv("KUBERNETES_SERVICE_PORT");
        if (host == null || port == null) {
            throw new BadConfigException(
                    "inCluster is set, but KUBERNETES_SERVICE_HOST is not: this is no pod",
                    "run inside a pod, or name a kubeconfig");
        }
        Config config = Config.empty();
        config.setMasterUrl(
                "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/");
        config.setCaCertFile(SERVICE_ACCOUNT.resolve("ca.crt").toString());
        useTokenFile(config, SERVICE_ACCOUNT.resolve("token"));
        return config;
    }

    /** Read for every call, because the kubelet and others rotate it in place. */
    private static void useTokenFile(Config config, Path file) {
        if (!Files.isReadable(file)) {
            throw new BadConfigException(
                    "token file " + file + " cannot be read", "check that it exists and its mode");
        }
        config.setOauthTokenProvider(
                () -> {
                    try {
                        return Files.readString(file).trim();
                    } catch (IOException e) {
                        throw new UncheckedIOException("token file " + file, e);
                    }
                });
    }

    private static void proxiesFromEnvironment(Config config) {
        // As kubectl: a proxy-url stands for itself, whatever NO_PROXY says.
        boolean chosen = config.getHttpsProxy() != null;
        if (chosen || LOOPBACK.matcher(config.getMasterUrl()).find()) {
            return;
        }
        config.setHttpsProxy(environment("HTTPS_PROXY"));
        config.setHttpProxy(environment("HTTP_PROXY"));
        String none = environment("NO_PROXY");
        if (none != null) {
            config.setNoProxy(
                    Arrays.stream(none.split(","))
                            .map(String::trim)
                            .filter(s -> !s.isEmpty())
                            .toArray(String[]::new));
        }
    }

    private static String environment(String name) {
        String value = System.getenv(name);
        if (value == null || value.isBlank()) {
            value = System.getenv(name.toLowerCase(Locale.ROOT));
        }
        return value == null || value.isBlank() ? null : value.trim();
    }
}
