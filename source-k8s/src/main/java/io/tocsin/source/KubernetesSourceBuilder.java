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

import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.Fabric8ResourceApiFactory;
import io.tocsin.source.api.ResourceApiFactory;
import io.tocsin.source.reader.DateServerClock;
import io.tocsin.source.reader.EventTime;
import io.tocsin.source.reader.ListWatchSettings;
import io.tocsin.source.reader.ServerClock;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.Scopes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/**
 * Builds a {@link KubernetesSource}; {@link #build} names everything that is wrong at once.
 *
 * @param <OUT> type of the elements
 */
public final class KubernetesSourceBuilder<OUT> {

    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    String cluster;
    ClusterAccess access;
    String resource = "events";
    RecordDeserializer<OUT> deserializer;
    ResourceApiFactory apis = new Fabric8ResourceApiFactory();
    ServerClock.Factory clocks = DateServerClock::ofProcess;
    private List<String> namespaces = List.of();
    private String selector;
    private String fieldSelector;
    private Startup startup = Startup.EARLIEST;
    private boolean bounded;
    private Configuration options = new Configuration();

    KubernetesSourceBuilder() {}

    /** Name of the cluster in what is emitted; part of the state: do not change it. */
    public KubernetesSourceBuilder<OUT> cluster(String name) {
        this.cluster = name;
        return this;
    }

    /** Where the cluster is. */
    public KubernetesSourceBuilder<OUT> access(ClusterAccess clusterAccess) {
        this.access = clusterAccess;
        return this;
    }

    /** Plural name of the resource; default {@code events}. */
    public KubernetesSourceBuilder<OUT> resource(String plural) {
        this.resource = plural;
        return this;
    }

    /** Namespaces to read, each by a watch of its own; empty or {@code *}: all by one. */
    public KubernetesSourceBuilder<OUT> namespaces(List<String> names) {
        this.namespaces = names;
        return this;
    }

    /**
     * Reads the namespaces that a label selector selects, each by a watch of its own, as they come
     * and go. Excludes {@link #namespaces}.
     */
    public KubernetesSourceBuilder<OUT> namespaceSelector(String labels) {
        this.selector = labels;
        return this;
    }

    /**
     * Reads only objects that a field selector selects, as kubectl takes it; null for all. Names
     * are those of events.k8s.io/v1.
     */
    public KubernetesSourceBuilder<OUT> fieldSelector(String fields) {
        this.fieldSelector = fields;
        return this;
    }

    /** Where to start; default {@link Startup#EARLIEST}. */
    public KubernetesSourceBuilder<OUT> startup(Startup mode) {
        this.startup = mode;
        return this;
    }

    /** Lists once, then ends. */
    public KubernetesSourceBuilder<OUT> bounded() {
        this.bounded = true;
        return this;
    }

    /** What is emitted. */
    public KubernetesSourceBuilder<OUT> deserializer(RecordDeserializer<OUT> recordDeserializer) {
        this.deserializer = recordDeserializer;
        return this;
    }

    /** Options by the keys of {@link KubernetesSourceOptions}. */
    public KubernetesSourceBuilder<OUT> options(Configuration configuration) {
        this.options = configuration;
        return this;
    }

    /** Who opens connections; default: fabric8's client. */
    public KubernetesSourceBuilder<OUT> resourceApiFactory(ResourceApiFactory factory) {
        this.apis = factory;
        return this;
    }

    /** What time it is at the API server; default: its Date headers. */
    public KubernetesSourceBuilder<OUT> serverClock(ServerClock.Factory factory) {
        this.clocks = factory;
        return this;
    }

    /**
     * Builds the source.
     *
     * @throws IllegalArgumentException naming everything that is missing or wrong
     */
    public KubernetesSource<OUT> build() {
        List<String> problems = new ArrayList<>();
        require(cluster != null && !cluster.isBlank(), "cluster: expected a name", problems);
        require(
                cluster == null || !cluster.contains("/"),
                "cluster: expected no '/' in '" + cluster + "'",
                problems);
        require(access != null, "access: expected where the cluster is", problems);
        require(resource != null && !resource.isBlank(), "resource: expected a name", problems);
        require(deserializer != null, "deserializer: expected one", problems);
        require(apis != null, "resourceApiFactory: expected one", problems);
        require(
                fieldSelector == null || fieldSelector.matches("[^=!,]+!?==?[^=!]*(?:,.*)?"),
                "fieldSelector: expected name=value or name!=value, parted by commas, in '"
                        + fieldSelector
                        + "'",
                problems);
        Scopes scopes = scopes(problems);

        int pageSize = positive(KubernetesSourceOptions.PAGE_SIZE, problems);
        int queueElements = positive(KubernetesSourceOptions.QUEUE_ELEMENTS, problems);
        long queueBytes = options.get(KubernetesSourceOptions.QUEUE_BYTES).getBytes();
        require(queueBytes > 0, "queue-bytes: expected more than 0", problems);
        long backoffBase = millis(KubernetesSourceOptions.BACKOFF_BASE, 1, problems);
        long backoffCap = millis(KubernetesSourceOptions.BACKOFF_CAP, 1, problems);
        require(
                backoffBase <= backoffCap,
                "backoff-base: expected no more than backoff-cap (" + backoffCap + " ms)",
                problems);
        long watchTimeout = millis(KubernetesSourceOptions.WATCH_TIMEOUT, 1_000, problems);
        long blindAfter = millis(KubernetesSourceOptions.BLIND_AFTER, 1, problems);
        long eventTtl = millis(KubernetesSourceOptions.EVENT_TTL, 0, problems);
        // Nothing but events expires; of all else it matters whether it is still there.
        boolean expires = "events".equals(resource);
        long objectTtl = expires ? eventTtl : 0;
        // A scope that is not listed for long counts as one in which events may have expired.
        long longestQuiet = objectTtl == 0 ? Long.MAX_VALUE : Math.max(1, objectTtl / 2);
        long quietMax =
                quiet(
                        KubernetesSourceOptions.QUIET_MAX,
                        longestQuiet,
                        "half of event-ttl",
                        problems);
        long quietMin = quiet(KubernetesSourceOptions.QUIET_MIN, quietMax, "quiet-max", problems);
        EventTime eventTime =
                new EventTime(
                        millis(KubernetesSourceOptions.OUT_OF_ORDERNESS, 0, problems),
                        millis(KubernetesSourceOptions.MAX_FUTURE_SKEW, 0, problems),
                        objectTtl,
                        blindAfter);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot build the Kubernetes source of cluster '"
                            + cluster
                            + "':\n  - "
                            + String.join("\n  - ", problems));
        }
        if (fieldSelector != null) {
            apis = apis.selectingFields(fieldSelector);
        }
        ListWatchSettings settings =
                ListWatchSettings.builder()
                        .startup(startup)
                        .bounded(bounded)
                        .pageSize(pageSize)
                        .backoffBaseMillis(backoffBase)
                        .backoffCapMillis(backoffCap)
                        .quietMinMillis(quietMin)
                        .quietMaxMillis(quietMax)
                        .watchTimeoutMillis(watchTimeout)
                        .blindAfterMillis(blindAfter)
                        .objectTtlMillis(objectTtl)
                        .presence(!expires)
                        .build();
        return new KubernetesSource<>(this, scopes, settings, eventTime, queueElements, queueBytes);
    }

    private Scopes scopes(List<String> problems) {
        List<String> scopes = new ArrayList<>(new LinkedHashSet<>(namespaces));
        if (selector != null) {
            require(
                    scopes.isEmpty(),
                    "namespaces: expected either names or the selector '" + selector + "'",
                    problems);
            try {
                return Scopes.selected(LabelSelector.parse(selector).text());
            } catch (IllegalArgumentException e) {
                problems.add("namespaceSelector: " + e.getMessage());
            }
        }
        if (scopes.isEmpty() || scopes.equals(List.of(ResourceSplit.ALL_NAMESPACES))) {
            return Scopes.all();
        }
        for (String scope : scopes) {
            require(
                    NAMESPACE.matcher(scope).matches(),
                    "namespaces: '" + scope + "' is no name of a namespace, nor '*' alone",
                    problems);
        }
        return Scopes.named(scopes);
    }

    private int positive(ConfigOption<Integer> option, List<String> problems) {
        int value = options.get(option);
        require(value > 0, option.key() + ": expected more than 0, got " + value, problems);
        return value;
    }

    private long millis(ConfigOption<Duration> option, long least, List<String> problems) {
        Duration value = options.get(option);
        require(
                value.toMillis() >= least,
                option.key() + ": expected at least " + least + " ms, got " + value,
                problems);
        return value.toMillis();
    }

    /** What is chosen must not be above the bound; the default stays below it by itself. */
    private long quiet(
            ConfigOption<Duration> option, long most, String bound, List<String> problems) {
        long value = millis(option, 1, problems);
        require(
                value <= most || !options.contains(option),
                option.key()
                        + ": expected no more than "
                        + bound
                        + " ("
                        + most
                        + " ms), got "
                        + options.get(option),
                problems);
        return Math.min(value, most);
    }

    private static void require(boolean holds, String problem, List<String> problems) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
