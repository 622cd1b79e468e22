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
package io.tocsin.job.rule;

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.yaml.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Matchers that rules may name: those that are built in, and those of a file. */
final class NamedMatchers {

    /** The matchers that are built in, as a file would write them. */
    static final String BUILT_IN_TEXT =
            """
            # The kubelet has got further: containers of the pod run.
            run: {reason: [Created, Started], reportingController: kubelet, regarding.kind: Pod}
            # The kubelet has begun with the pod: images are pulled, or containers run.
            act:
              reason: [Pulling, Pulled, Created, Started]
              reportingController: kubelet
              regarding.kind: Pod
            # The pod goes, or is gone. Nobody tells that of a pod itself, if none of its containers ran.
            gone:
              - {reason: Killing, note: Stopping container, reportingController: kubelet, regarding.kind: Pod}
              - {type: Warning, reason: Evicted, reportingController: kubelet, regarding.kind: Pod}
              - reason: SuccessfulDelete
                regarding.kind: [ReplicaSet, StatefulSet, DaemonSet, Job, ReplicationController]
                names: {kind: Pod, name: '/(?:Deleted pod:|delete Pod) ([a-z0-9.-]+)/'}
              - {reason: TaintManagerEviction, note: Marking for deletion, regarding.kind: Pod}
              - {reason: ScaleDown, reportingController: cluster-autoscaler, regarding.kind: Pod}
              - {reason: [Evicted, Disrupted], reportingController: karpenter, regarding.kind: Pod}
              - {reason: Preempted, reportingController: default-scheduler, regarding.kind: Pod}
            """;

    /** The matchers that are built in. */
    static final Map<String, List<Matcher>> BUILT_IN = builtIn();

    private NamedMatchers() {}

    /** Those that are built in, and those of a file; what is wrong with these is reported. */
    static Map<String, List<Matcher>> read(Yaml node, Problems problems) {
        Map<String, List<Matcher>> named = new TreeMap<>(BUILT_IN);
        Yaml.Mapping mapping = node == null ? null : problems.mapping(node, "matchers");
        if (mapping != null) {
            mapping.entries()
                    .forEach(
                            (name, entry) -> {
                                String at = "matchers." + name;
                                if (!name.matches(Language.NAME)) {
                                    problems.expected(
                                            entry.line(),
                                            at,
                                            "\"" + name + "\"",
                                            Language.NAME_EXPECTED);
                                } else if (BUILT_IN.containsKey(name)) {
                                    problems.expected(
                                            entry.line(),
                                            at,
                                            "a name that is built in",
                                            "a name of its own");
                                }
                                named.put(name, definitions(entry.value(), at, problems));
                            });
        }
        return named;
    }

    private static List<Matcher> definitions(Yaml node, String path, Problems problems) {
        MatcherReader reader = new MatcherReader(problems, Map.of());
        MatcherReader.Use use = new MatcherReader.Use(Occurrence.EVENTS, true);
        if (!(node instanceof Yaml.Items list)) {
            return List.of(reader.written(node, path, use));
        }
        if (list.items().isEmpty()) {
            problems.expected(node.line(), path, "an empty list", "at least one matcher");
        }
        List<Matcher> matchers = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            matchers.add(reader.written(list.items().get(i), path + "[" + i + "]", use));
        }
        return List.copyOf(matchers);
    }

    private static Map<String, List<Matcher>> builtIn() {
        Problems problems = new Problems("built-in matchers");
        Map<String, List<Matcher>> named = new TreeMap<>();
        Yaml.Mapping mapping = (Yaml.Mapping) Yaml.read(BUILT_IN_TEXT, problems).get(0);
        mapping.entries()
                .forEach(
                        (name, entry) ->
                                named.put(name, definitions(entry.value(), name, problems)));
        if (!problems.isEmpty()) {
            throw new IllegalStateException(String.join("\n", problems.errors()));
        }
        return named;
    }
}
