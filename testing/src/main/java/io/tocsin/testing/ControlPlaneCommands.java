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
package io.tocsin.testing;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The command lines of a control plane on loopback.
 *
 * @param binaries folder of the programs
 * @param folder where they keep data and certificates
 */
record ControlPlaneCommands(Path binaries, Path folder) {

    /** Folder, within the other, of the certificate that the API server generates. */
    static final String CERTIFICATES = "certificates";

    List<String> apiServer(int port, List<URI> etcd, Path tokens, List<String> flags) {
        Path certificates = folder.resolve(CERTIFICATES);
        // The server creates this key pair before it reads it as the key of service accounts.
        Path key = certificates.resolve("apiserver.key");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                program("kube-apiserver"),
                                "--etcd-servers=" + joined(etcd, ","),
                                "--cert-dir=" + certificates,
                                "--bind-address=127.0.0.1",
                                "--secure-port=" + port,
                                // A host without a default route has no other address to offer.
                                "--advertise-address=127.0.0.1",
                                "--endpoint-reconciler-type=none",
                                "--service-cluster-ip-range=10.0.0.0/24",
                                "--service-account-issuer=https://kubernetes.default.svc",
                                "--service-account-signing-key-file=" + key,
                                "--service-account-key-file=" + key,
                                "--authorization-mode=RBAC",
                                "--token-auth-file=" + tokens,
                                // Else a pod needs a service account, which no controller makes.
                                "--disable-admission-plugins=ServiceAccount",
                                "--allow-privileged"));
        command.addAll(flags);
        return List.copyOf(command);
    }

    List<String> scheduler(Path kubeconfig) {
        return List.of(
                program("kube-scheduler"),
                "--kubeconfig=" + kubeconfig,
                "--leader-elect=false",
                "--secure-port=0");
    }

    /** The flag that has events kept in another etcd than all the rest. */
    static String eventsElsewhere(List<URI> etcd) {
        // Both groups are one resource to the server, core's.
        return "--etcd-servers-overrides=/events#" + joined(etcd, ";");
    }

    private static String joined(List<URI> uris, String separator) {
        return uris.stream().map(URI::toString).collect(Collectors.joining(separator));
    }

    private String program(String name) {
        return binaries.resolve(name).toString();
    }
}
