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

import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;

/** The keys and defaults of all options of {@link KubernetesSource}. */
public final class KubernetesSourceOptions {

    public static final ConfigOption<Integer> PAGE_SIZE =
            ConfigOptions.key("page-size")
                    .intType()
                    .defaultValue(500)
                    .withDescription("Objects per page of a list.");

    public static final ConfigOption<Duration> OUT_OF_ORDERNESS =
            ConfigOptions.key("out-of-orderness")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription(
                            "How much older than its predecessors an event may be without being"
                                    + " late.");

    public static final ConfigOption<Duration> MAX_FUTURE_SKEW =
            ConfigOptions.key("max-future-skew")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "A timestamp more than this ahead of the API server's clock is"
                                    + " replaced by the server's now, and counted.");

    public static final ConfigOption<Duration> EVENT_TTL =
            ConfigOptions.key("event-ttl")
                    .durationType()
                    .defaultValue(Duration.ofHours(1))
                    .withDescription(
                            "How long the API server keeps events (its --event-ttl; OpenShift: 3"
                                    + " h). A gap of more than nine tenths of it is told as a"
                                    + " possible loss. 0: objects do not expire.");

    public static final ConfigOption<Duration> BACKOFF_BASE =
            ConfigOptions.key("backoff-base")
                    .durationType()
                    .defaultValue(Duration.ofMillis(800))
                    .withDescription(
                            "Greatest wait after a first failure; doubles with each. Waits are"
                                    + " drawn at random below it.");

    public static final ConfigOption<Duration> BACKOFF_CAP =
            ConfigOptions.key("backoff-cap")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "Greatest wait between attempts, unless the server asks for a longer"
                                    + " one: that is obeyed up to 2 minutes, up to 5 with a 429.");

    public static final ConfigOption<Duration> QUIET_MIN =
            ConfigOptions.key("quiet-min")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription(
                            "A scope in which nothing moves event time (nothing happens, or only"
                                    + " deletions and old events come) is listed again after this"
                                    + " time (5 s per page if that is longer): only so event time"
                                    + " advances.");

    public static final ConfigOption<Duration> QUIET_MAX =
            ConfigOptions.key("quiet-max")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(2))
                    .withDescription(
                            "Upper bound of that time; at most half of event-ttl. Stay below half"
                                    + " of the API server's compaction interval.");

    public static final ConfigOption<Duration> WATCH_TIMEOUT =
            ConfigOptions.key("watch-timeout")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(5))
                    .withDescription(
                            "How long the server is asked to keep a watch open, at least; up to"
                                    + " twice that, at random.");

    public static final ConfigOption<Duration> BLIND_AFTER =
            ConfigOptions.key("blind-after")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(1))
                    .withDescription(
                            "From when on a lost contact is told as blindness. A scope that is"
                                    + " forbidden or gone for that long no longer holds up event"
                                    + " time.");

    public static final ConfigOption<Integer> QUEUE_ELEMENTS =
            ConfigOptions.key("queue-elements")
                    .intType()
                    .defaultValue(10_000)
                    .withDescription("Objects of a reader between the network and Flink, at most.");

    public static final ConfigOption<MemorySize> QUEUE_BYTES =
            ConfigOptions.key("queue-bytes")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(16))
                    .withDescription("Their bytes, at most.");

    private KubernetesSourceOptions() {}

    /** All options. */
    public static List<ConfigOption<?>> all() {
        return List.of(
                PAGE_SIZE,
                OUT_OF_ORDERNESS,
                MAX_FUTURE_SKEW,
                EVENT_TTL,
                BACKOFF_BASE,
                BACKOFF_CAP,
                QUIET_MIN,
                QUIET_MAX,
                WATCH_TIMEOUT,
                BLIND_AFTER,
                QUEUE_ELEMENTS,
                QUEUE_BYTES);
    }
}
