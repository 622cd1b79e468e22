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
import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The kubeconfig files of a {@link ClusterAccess}: finds them as kubectl does, reads them, and
 * checks a context, its cluster and what they name.
 *
 * <p>Semantics: kubectl and kubeconfig v1.
 */
final class Fabric8Kubeconfig {

    private final List<File> files;
    private final List<Config> parsed;

    private Fabric8Kubeconfig(List<File> files) {
        this.files = files;
        this.parsed = parse(files);
    }

    /**
     * @throws BadConfigException if there is none and this is no pod, or it cannot be read
     */
    static Fabric8Kubeconfig read(ClusterAccess access) {
        return new Fabric8Kubeconfig(find(access));
    }

    /** Whether there is no file. */
    boolean isAbsent() {
        return files.isEmpty();
    }

    /** The first file. */
    File first() {
        return files.get(0);
    }

    /** The kubeconfig files that there are, as kubectl looks for them. */
    private static List<File> find(ClusterAccess access) {
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
        if (files.isEmpty() && !Fabric8Config.isInPod()) {
            throw new BadConfigException(
                    "no kubeconfig: " + candidates + " does not exist",
                    "pass one with --kubeconfig, set KUBECONFIG, or log in to the cluster first");
        }
        return files;
    }

    private static List<Config> parse(List<File> files) {
        List<Config> parsed = new ArrayList<>();
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

    /**
     * A context.
     *
     * @param chosen its name; null for the current one
     */
    NamedContext context(String chosen) {
        String wanted = chosen;
        if (wanted == null) {
            wanted =
                    parsed.stream()
                            .map(Config::getCurrentContext)
                            .filter(name -> name != null && !name.isEmpty())
                            .findFirst()
                            .orElse(null);
        }
        List<String> names = contextNames();
        if (wanted == null) {
            throw new BadConfigException(
                    "kubeconfig " + describe() + " has no current context",
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
                                        "context '" + name + "' is not in kubeconfig " + describe(),
                                        "it has the contexts " + names));
    }

    List<String> contextNames() {
        return parsed.stream()
                .filter(config -> config.getContexts() != null)
                .flatMap(config -> config.getContexts().stream())
                .map(NamedContext::getName)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** Checks the cluster of a context as far as that is possible without asking it. */
    private void checkCluster(NamedContext context) {
        String name = context.getContext().getCluster();
        Cluster cluster =
                parsed.stream()
                        .flatMap(config -> config.getClusters().stream())
                        .filter(c -> c.getCluster() != null && c.getName().equals(name))
                        .map(NamedCluster::getCluster)
                        .findFirst()
                        .orElseThrow(() -> missing(context, name));
        check(cluster, "cluster '" + name + "' of kubeconfig " + describe());
    }

    private BadConfigException missing(NamedContext context, String cluster) {
        return new BadConfigException(
                "context '"
                        + context.getName()
                        + "' of kubeconfig "
                        + describe()
                        + " names the cluster '"
                        + cluster
                        + "', which is not there",
                "add it under clusters, or pass another --context");
    }

    /** The user of a context; null if it has none. */
    AuthInfo user(NamedContext context) {
        return parsed.stream()
                .filter(config -> config.getUsers() != null)
                .flatMap(config -> config.getUsers().stream())
                .filter(u -> Objects.equals(u.getName(), context.getContext().getUser()))
                .findFirst()
                .map(NamedAuthInfo::getUser)
                .orElse(null);
    }

    /**
     * What fabric8 makes of a context. Runs credential plugins.
     *
     * @throws BadConfigException if something that it needs is missing or wrong
     */
    io.fabric8.kubernetes.client.Config merge(NamedContext context) {
        checkCluster(context);
        io.fabric8.kubernetes.client.Config config = io.fabric8.kubernetes.client.Config.empty();
        try {
            KubeConfigUtils.merge(config, context.getName(), parsed.toArray(new Config[0]));
        } catch (RuntimeException e) {
            throw new BadConfigException(
                    "context '" + context.getName() + "' cannot be used: " + cause(e),
                    "check its user's credentials and exec plugin");
        }
        return config;
    }

    private void check(Cluster cluster, String where) {
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

    private String describe() {
        return files.size() == 1 ? files.get(0).toString() : files.toString();
    }

    private static String cause(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return StatusReader.printable(String.valueOf(root.getMessage()), 300);
    }
}
