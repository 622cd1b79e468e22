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
package io.tocsin.job.pipeline;

import io.tocsin.annotation.Pure;
import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.FieldSelector;
import io.tocsin.job.rule.FieldSelector.Requirement;
import io.tocsin.job.rule.RuleSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether detection hears that a node is down: from events about the node, or from watched nodes.
 * Without, a dead node's silence counts as that of its pods, whose alerts ring and end by it.
 *
 * <p>Semantics: the API server takes events about what has no namespace in {@code default}; both
 * are of type {@code Normal}.
 */
@Pure
public final class NodeWord {
    private static final String NODES = "nodes";
    private static final String DEFAULT = "default";
    private static final List<String> REASONS = List.of("NodeNotReady", "NodeReady");

    private NodeWord() {}

    /** What keeps the word of nodes from detection, a line each: option, cost and remedy. */
    public static List<String> missing(PipelineConfig config, RuleSet rules) {
        List<String> lines = new ArrayList<>();
        if (rules.watchedObjects().contains(NODES)) {
            return lines;
        }
        for (Cluster cluster : config.clusters()) {
            String name = "cluster " + cluster.name() + ": ";
            selector(cluster).ifPresent(line -> lines.add(name + line));
            namespaces(cluster).ifPresent(line -> lines.add(name + line));
        }
        return lines;
    }

    private static Optional<String> selector(Cluster cluster) {
        if (cluster.fieldSelector() == null) {
            return Optional.empty();
        }
        FieldSelector selector = FieldSelector.parse(cluster.fieldSelector());
        return REASONS.stream()
                .map(reason -> selector.keepsOut(aboutNode(reason)))
                .flatMap(Optional::stream)
                .findFirst()
                .map(
                        (Requirement by) ->
                                text(
                                        "the fieldSelector "
                                                + selector.text()
                                                + " keeps out by "
                                                + by
                                                + " the events",
                                        "a selector without " + by.field().path()));
    }

    private static Optional<String> namespaces(Cluster cluster) {
        String without = " leave out the namespace " + DEFAULT + ", and so the events";
        if (cluster.namespaceSelector() != null) {
            return Optional.of(
                    text(
                            "namespaces with labels "
                                    + cluster.namespaceSelector()
                                    + ", if it has them not,"
                                    + without,
                            "labels that it has"));
        }
        if (cluster.namespaces().contains("*") || cluster.namespaces().contains(DEFAULT)) {
            return Optional.empty();
        }
        return Optional.of(
                text("namespaces " + cluster.namespaces() + without, "that namespace among them"));
    }

    private static String text(String what, String remedy) {
        return what
                + " NodeNotReady and NodeReady about nodes: when a node is down, alerts about its"
                + " pods may ring or end by its silence; expected "
                + remedy
                + ", or a rule with state: "
                + NODES;
    }

    private static Map<Field, String> aboutNode(String reason) {
        Map<Field, String> event = new EnumMap<>(Field.class);
        event.put(Field.TYPE, "Normal");
        event.put(Field.REASON, reason);
        event.put(Field.REGARDING_KIND, "Node");
        event.put(Field.REGARDING_NAMESPACE, "");
        return event;
    }
}
