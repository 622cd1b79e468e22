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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A change of rules between two runs of a job, what happens around it, and what is told.
 *
 * @param title what it shows
 * @param before the rules before, each in a line of YAML; empty for none
 * @param after the rules after it
 * @param happenings in order of time
 * @param told what detection tells over both runs: second of the start of a pending alert, of the
 *     ringing of one that fires, of the end of one that is over; pod, rule, status, occurrences
 * @param logged what is logged about the rules at the restore, in order
 */
record RuleChange(
        String title,
        List<String> before,
        List<String> after,
        List<Happening> happenings,
        List<String> told,
        List<String> logged) {

    /** Of whose pods its kubelet tells. */
    static final String NODE = "n1";

    private static final Pattern NAME = Pattern.compile("(?:name|alert): (\\w+)");

    /** How it comes to the server. */
    enum By {
        SCHEDULER,
        KUBELET,
        /** About a node instead of a pod. */
        NODE_CONTROLLER,
        /** As a version of the pod, of which a container has ended: not as an event. */
        POD
    }

    /**
     * Something that happens to a pod or a node.
     *
     * @param written when the server has it; what it tells may lie before or behind that
     */
    record Happening(long second, long written, String object, String reason, By by) {

        void to(InMemoryServer server, long startMillis) {
            long millis = startMillis + second * 1000;
            switch (by) {
                case SCHEDULER -> server.scheduler("Warning", reason, object, millis);
                case KUBELET -> server.kubelet(NODE, reason, object, millis);
                case NODE_CONTROLLER -> server.nodeController(reason, object, millis);
                case POD -> {
                    String[] parts = reason.split("×");
                    server.pod(object, parts[0], Integer.parseInt(parts[1]), millis);
                }
            }
        }
    }

    /** A rule that is written with {@code $}, which stands for something else after the change. */
    static RuleChange of(String title, String rule, String before, String after) {
        return between(
                title, List.of(rule.replace("$", before)), List.of(rule.replace("$", after)));
    }

    static RuleChange between(String title, List<String> before, List<String> after) {
        return new RuleChange(title, before, after, List.of(), List.of(), List.of());
    }

    /**
     * Each as {@code second pod reason}, which the scheduler tells, or with who tells it behind it;
     * several seconds are joined by commas. {@code 700@500}: of 700, but written at 500. What a pod
     * itself tells is {@code reason×restarts}.
     */
    RuleChange happens(String... lines) {
        List<Happening> all = new ArrayList<>(happenings);
        for (String line : lines) {
            String[] words = line.split(" ");
            for (String second : words[0].split(",")) {
                String[] times = second.split("@");
                all.add(
                        new Happening(
                                Long.parseLong(times[0]),
                                Long.parseLong(times[times.length - 1]),
                                words[1],
                                words[2],
                                words.length > 3 ? By.valueOf(words[3]) : By.SCHEDULER));
            }
        }
        return new RuleChange(title, before, after, all, told, logged);
    }

    RuleChange tells(String... lines) {
        return new RuleChange(title, before, after, happenings, Arrays.asList(lines), logged);
    }

    RuleChange logs(String... lines) {
        return new RuleChange(title, before, after, happenings, told, Arrays.asList(lines));
    }

    /** All names that its alerts may bear. */
    Set<String> alerts() {
        Set<String> names = new LinkedHashSet<>();
        Matcher name = NAME.matcher(before + " " + after);
        while (name.find()) {
            names.add(name.group(1));
        }
        return names;
    }
}
