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
package io.tocsin.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterSelectionTest {
    @TempDir private Path folder;

    @Test
    void aContextNamedByAnArnIsAClusterWithoutSlashes() throws Exception {
        String arn = "arn:aws:eks:eu-west-1:123456789012:cluster/shop";
        Path kubeconfig =
                Files.writeString(
                        folder.resolve("config"),
                        """
                        apiVersion: v1
                        kind: Config
                        current-context: %1$s
                        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
                        users: [{name: u, user: {}}]
                        contexts: [{name: "%1$s", context: {cluster: c, user: u}}]
                        """
                                .formatted(arn));
        var clusters =
                new ClusterSelection(Map.of())
                        .select(List.of(), kubeconfig.toString(), List.of(), List.of());
        assertThat(clusters).hasSize(1);
        assertThat(clusters.get(0).context()).isEqualTo(arn);
        assertThat(clusters.get(0).name()).isEqualTo(arn.replace('/', '_'));
    }
}
