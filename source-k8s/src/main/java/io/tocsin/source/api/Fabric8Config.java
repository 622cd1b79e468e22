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
import io.fabric8.kubernetes.api.model.Cluster;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Reads a {@link ClusterAccess} into fabric8's configuration, as kubectl would: which kubeconfig
 * files, which context, which credentials. Everything that can be found wrong without asking the
 * server is found here and told with a remedy.
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
        Config config;
        List<File> files = access.inCluster() ? List.of() : files(access);
        if (access.inCluster() || (files.isEmpty() && isInPod())) {
            config = inCluster();
        } else {
            config = fromFiles(access, files);
        }
        config.setUserAgent("tocsin");
        config.setRequestRetryBackoffLimit(0);
        config.setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        // A connection of its own per call: a dead HTTP/2 connection would take every later call
        // with it until TCP gives up, and share one flow control window between list and watch.
        config.setHttp2Disable(true);
        proxiesFromEnvironment(config);
        return config;
    }

    /** The kubeconfig files that there are, as kubectl looks for them. */
    static List<File> files(ClusterAccess access) {
        if (access.kubeconfig() != null) {
            File file = new File(access.kubeconfig());
            if (!file.isFile()) {
                throw new BadConfigException(
                        "kubeconfig " + file + " does not exist",
                        "pass the path of a kubeconfig file with --kubeconfig");
            }
            return List.of(file);
        }
        String variable = System.getenv("KUBECONFIG");
        List<File> candidates = new ArrayList<>();
        if (variable != null && !variable.isBlank()) {
            for (String name : variable.split(File.pathSeparator)) {
                if (!name.isBlank()) {
                    candidates.add(new File(name));
                }
            }
        } else {
            candidates.add(new File(System.getProperty("user.home"), ".kube/config"));
        }
        List<File> files = candidates.stream().filter(File::isFile).toList();
        if (files.isEmpty() && !isInPod()) {
            throw new BadConfigException(
                    "no kubeconfig: " + candidates + " does not exist",
                    "pass one with --kubeconfig, set KUBECONFIG, or log in to the cluster first");
        }
        return files;
    }

    static List<io.fabric8.kubernetes.api.model.Config> parse(List<File> files) {
        List<io.fabric8.kubernetes.api.model.Config> parsed = new ArrayList<>();
        for (File file : files) {
            try {
                if (Files.size(file.toPath()) == 0) {
                    throw new BadConfigException(
                            "kubeconfig " + file + " is empty", "write it anew, or pass another");
                }
                parsed.add(KubeConfigUtils.parseConfig(file));
            } catch (BadConfigException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                throw new BadConfigException(
                        "kubeconfig "
                                + file
                                + " cannot be read as YAML of kind Config: "
                                + cause(e),
                        "check it with: kubectl config view --kubeconfig " + file);
            }
        }
        return parsed;
    }

    private static Config fromFiles(ClusterAccess access, List<File> files) {
        List<io.fabric8.kubernetes.api.model.Config> parsed = parse(files);
        NamedContext context = context(access, files, parsed);
        Cluster cluster =
                named(parsed, context.getContext().getCluster(), "cluster", context, files);
        check(cluster, context, files);
        Config config = Config.empty();
        try {
            KubeConfigUtils.merge(
                    config,
                    context.getName(),
                    parsed.toArray(new io.fabric8.kubernetes.api.model.Config[0]));
        } catch (RuntimeException e) {
            throw new BadConfigException(
                    "context '" + context.getName() + "' cannot be used: " + cause(e),
                    "check its user's credentials and exec plugin");
        }
        user(config, parsed, context, files);
        return config;
    }

    static NamedContext context(
            ClusterAccess access,
            List<File> files,
            List<io.fabric8.kubernetes.api.model.Config> parsed) {
        String wanted = access.context();
        if (wanted == null) {
            wanted =
                    parsed.stream()
                            .map(io.fabric8.kubernetes.api.model.Config::getCurrentContext)
                            .filter(name -> name != null && !name.isEmpty())
                            .findFirst()
                            .orElse(null);
        }
        List<String> names = contextNames(parsed);
        if (wanted == null) {
            throw new BadConfigException(
                    "kubeconfig " + list(files) + " has no current context",
                    "pass --context with one of " + names);
        }
        String name = wanted;
        return parsed.stream()
                .flatMap(config -> config.getContexts().stream())
                .filter(c -> name.equals(c.getName()) && c.getContext() != null)
                .findFirst()
                .orElseThrow(
                        () ->
                                new BadConfigException(
                                        "context '"
                                                + name
                                                + "' is not in kubeconfig "
                                                + list(files),
                                        "it has the contexts " + names));
    }

    static List<String> contextNames(List<io.fabric8.kubernetes.api.model.Config> parsed) {
        return parsed.stream()
                .filter(config -> config.getContexts() != null)
                .flatMap(config -> config.getContexts().stream())
                .map(NamedContext::getName)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private static Cluster named(
            List<io.fabric8.kubernetes.api.model.Config> parsed,
            String name,
            String what,
            NamedContext context,
            List<File> files) {
        return parsed.stream()
                .flatMap(config -> config.getClusters().stream())
                .filter(c -> c.getCluster() != null && c.getName().equals(name))
                .map(NamedCluster::getCluster)
                .findFirst()
                .orElseThrow(
                        () ->
                                new BadConfigException(
                                        "context '"
                                                + context.getName()
                                                + "' of kubeconfig "
                                                + list(files)
                                                + " names the "
                                                + what
                                                + " '"
                                                + name
                                                + "', which is not there",
                                        "add it under clusters, or pass another --context"));
    }

    private static void check(Cluster cluster, NamedContext context, List<File> files) {
        String where =
                "cluster '" + context.getContext().getCluster() + "' of kubeconfig " + list(files);
        String server = cluster.getServer();
        URI uri;
        try {
            uri = server == null ? null : URI.create(server);
        } catch (IllegalArgumentException e) {
            uri = null;
        }
        if (uri == null || uri.getHost() == null || uri.getScheme() == null) {
            throw new BadConfigException(
                    where + " has no usable server: " + server, "expected https://HOST:PORT");
        }
        if (cluster.getTlsServerName() != null && !cluster.getTlsServerName().isEmpty()) {
            throw new BadConfigException(
                    where + " sets tls-server-name, which is not supported",
                    "use a server address that its certificate names");
        }
        if (cluster.getProxyUrl() != null && cluster.getProxyUrl().startsWith("socks5")) {
            throw new BadConfigException(
                    where + " sets a SOCKS proxy-url, which is not supported", "use an HTTP proxy");
        }
        String authority = cluster.getCertificateAuthority();
        if (authority != null && !authority.isEmpty()) {
            File file = new File(authority);
            boolean found =
                    file.isAbsolute()
                            ? file.isFile()
                            : files.stream()
                                    .anyMatch(
                                            f ->
                                                    f.getAbsoluteFile()
                                                            .toPath()
                                                            .resolveSibling(authority)
                                                            .toFile()
                                                            .isFile());
            if (!found) {
                throw new BadConfigException(
                        where
                                + " names certificate-authority "
                                + authority
                                + ", which is not there",
                        "correct the path, or embed it as certificate-authority-data");
            }
        }
    }

    /** What fabric8 leaves out of a kubeconfig's user: token files and impersonation. */
    private static void user(
            Config config,
            List<io.fabric8.kubernetes.api.model.Config> parsed,
            NamedContext context,
            List<File> files) {
        NamedAuthInfo named =
                parsed.stream()
                        .filter(p -> p.getUsers() != null)
                        .flatMap(p -> p.getUsers().stream())
                        .filter(u -> Objects.equals(u.getName(), context.getContext().getUser()))
                        .findFirst()
                        .orElse(null);
        if (named == null || named.getUser() == null) {
            return;
        }
        AuthInfo user = named.getUser();
        if (user.getTokenFile() != null && !user.getTokenFile().isEmpty()) {
            File base = config.getFileWithAuthInfo();
            File owner = base == null ? files.get(0) : base;
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

    private static boolean isInPod() {
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
        if (LOOPBACK.matcher(config.getMasterUrl()).find()) {
            return;
        }
        if (config.getHttpsProxy() == null) {
            config.setHttpsProxy(environment("HTTPS_PROXY"));
        }
        if (config.getHttpProxy() == null) {
            config.setHttpProxy(environment("HTTP_PROXY"));
        }
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

    private static String list(List<File> files) {
        return files.size() == 1 ? files.get(0).toString() : files.toString();
    }

    private static String cause(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return StatusReader.printable(String.valueOf(root.getMessage()), 300);
    }

    /** The access cannot be used; fatal. */
    static final class BadConfigException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;
        private final String problem;
        private final String remedy;

        BadConfigException(String problem, String remedy) {
            super(problem + "; " + remedy);
            this.problem = problem;
            this.remedy = remedy;
        }

        String problem() {
            return problem;
        }

        String remedy() {
            return remedy;
        }
    }
}
