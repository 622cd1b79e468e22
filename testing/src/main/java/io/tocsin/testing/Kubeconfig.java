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

/** Writes kubeconfigs with a token. */
public final class Kubeconfig {

    private Kubeconfig() {}

    /**
     * A kubeconfig with one context, named {@code test}, in namespace default.
     *
     * @param caCertificate PEM file of the certificates to trust, or null
     */
    public static String of(URI server, Path caCertificate, String user, String token) {
        String trust = caCertificate == null ? "" : "\n    certificate-authority: " + caCertificate;
        return """
        apiVersion: v1
        kind: Config
        clusters:
        - name: test
          cluster:
            server: %s%s
        users:
        - name: %s
          user:
            token: %s
        contexts:
        - name: test
          context:
            cluster: test
            user: %s
        current-context: test
        """
                .formatted(server, trust, user, token, user);
    }
}
