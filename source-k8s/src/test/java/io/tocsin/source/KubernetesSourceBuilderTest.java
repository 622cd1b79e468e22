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
package io.tocsin.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.api.ClusterAccess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class KubernetesSourceBuilderTest {

    @Test
    void reportsEverythingThatIsWrongAtOnce() {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.PAGE_SIZE, 0);
        options.set(KubernetesSourceOptions.BACKOFF_BASE, Duration.ofMinutes(1));
        assertThatThrownBy(
                        () ->
                                KubernetesSource.<String>builder()
                                        .namespaces(List.of("ok", "Not_OK"))
                                        .options(options)
                                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cluster:")
                .hasMessageContaining("access:")
                .hasMessageContaining("deserializer:")
                .hasMessageContaining("'Not_OK'")
                .hasMessageContaining("page-size: expected more than 0, got 0")
                .hasMessageContaining("backoff-base");
    }

    private static void build(Configuration options) {
        KubernetesSource.<String>builder()
                .cluster("c")
                .access(new ClusterAccess(null, null, false))
                .deserializer(new PlainDeserializer())
                .options(options)
                .build();
    }

    @Test
    void aQuietScopeIsListedLongBeforeItsEventsExpire() {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.EVENT_TTL, Duration.ofMinutes(3));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(91));
        assertThatThrownBy(() -> build(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "quiet-max: expected no more than half of event-ttl (90000 ms), got PT1M31S");
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(90));
        build(options);
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofSeconds(90));
        build(options);
        options.set(KubernetesSourceOptions.EVENT_TTL, Duration.ZERO);
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofHours(2));
        build(options);
    }

    @Test
    void quietTimesThatAreNotChosenFollowTheLifeOfEvents() {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.EVENT_TTL, Duration.ofSeconds(15));
        build(options);
    }

    @Test
    void travelsInAJobGraph() throws IOException {
        KubernetesSource<String> source =
                KubernetesSource.<String>builder()
                        .cluster("c")
                        .access(new ClusterAccess(null, null, false))
                        .deserializer(new PlainDeserializer())
                        .build();
        assertThat(InstantiationUtil.serializeObject(source)).isNotEmpty();
    }
}
