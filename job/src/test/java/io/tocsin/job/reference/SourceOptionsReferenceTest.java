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
package io.tocsin.job.reference;

import io.tocsin.source.KubernetesSourceOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;

class SourceOptionsReferenceTest {

    @Test
    void theSourceOptionsAreThoseOfTheCode() throws Exception {
        List<List<String>> rows = new ArrayList<>();
        for (ConfigOption<?> option : KubernetesSourceOptions.all()) {
            Object value = option.defaultValue();
            String written =
                    value instanceof Duration duration
                            ? TimeUtils.formatWithHighestUnit(duration)
                            : String.valueOf(value);
            rows.add(
                    List.of(
                            GeneratedPage.code(option.key()),
                            GeneratedPage.code(written),
                            new HtmlFormatter().format(option.description())));
        }
        new GeneratedPage("source-options.md", "Options of the Kubernetes source")
                .paragraph(
                        """
                        Of `KubernetesSource`, for jobs that use the source by itself. Tocsin's own
                        job sets `event-ttl` from `clusters[].eventTtl` of the
                        [pipeline file](pipeline.md), and leaves the others at their defaults.
                        """)
                .table(List.of("option", "default", "meaning"), rows)
                .check();
    }
}
