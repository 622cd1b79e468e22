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

import com.fasterxml.jackson.databind.JsonNode;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Keeps account of what had warnings and rang nobody, and says why. Objects are put together by
 * namespace and name without what a controller adds to it; that is a guess, for people to read.
 */
final class QuietOnes {
    /** What ReplicaSets, Jobs of CronJobs, StatefulSets and DaemonSets add to a name. */
    private static final String ADDED =
            "(-[a-f0-9]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$|-\\d{1,8}$";

    private final Function<JsonNode, String> prefix;
    private final Map<String, Rule> rules = new HashMap<>();
    private final Map<String, Account> accounts = new LinkedHashMap<>();

    /**
     * A workload that stayed quiet.
     *
     * @param subject cluster where there are several, namespace and name
     * @param reasons reasons of its warnings, with their numbers
     * @param why why it did not ring
     */
    record Quiet(String subject, String reasons, String why) {}

    private static final class Account {
        private final Map<String, Long> reasons = new TreeMap<>();
        private final Set<String> triggered = new TreeSet<>();

        /** Rules whose awaited event came. */
        private final Set<String> came = new TreeSet<>();

        /** When an absence rule was triggered last, by rule. */
        private final Map<String, Long> triggeredAt = new HashMap<>();

        /** Alerts that are pending, by id: their rule. */
        private final Map<String, String> pending = new TreeMap<>();

        private String over;
        private boolean rang;

        private long total() {
            return reasons.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * @param prefix what tells subjects of several clusters apart
     */
    QuietOnes(RuleSet set, Function<JsonNode, String> prefix) {
        this.prefix = prefix;
        set.rules().forEach(rule -> rules.put(rule.name(), rule));
    }

    /** Takes the document of an event, and its time. */
    void event(JsonNode event, long atMillis) {
        Account account = account(event, event.path("regarding"));
        event.path("awaited").forEach(rule -> account.came.add(rule.asText()));
        if ("Warning".equals(event.path("type").asText())) {
            account.reasons.merge(
                    event.path("reason").asText(), event.path("weight").asLong(), Long::sum);
            for (JsonNode rule : event.path("triggers")) {
                account.triggered.add(rule.asText());
                account.triggeredAt.merge(rule.asText(), atMillis, Math::max);
            }
        }
    }

    /** An alert rings. */
    void rang(JsonNode alert) {
        of(alert).rang = true;
    }

    /** An alert waits for what its rule demands before it rings. */
    void pending(JsonNode alert) {
        of(alert).pending.put(alert.path("id").asText(), alert.path("rule").asText());
    }

    /** An alert was pending, and is over without having rung. */
    void over(JsonNode alert, long afterMillis) {
        of(alert).pending.remove(alert.path("id").asText());
        of(alert).over =
                alert.path("rule").asText()
                        + " was pending, and over after "
                        + Story.length(afterMillis);
    }

    /**
     * Those that stayed quiet, most warnings first.
     *
     * @param endMillis when the recording ends
     */
    List<Quiet> list(long endMillis) {
        return accounts.entrySet().stream()
                .filter(each -> !each.getValue().rang && each.getValue().total() > 0)
                .sorted(
                        Comparator.comparingLong(
                                        (Map.Entry<String, Account> each) ->
                                                -each.getValue().total())
                                .thenComparing(Map.Entry::getKey))
                .map(
                        each ->
                                new Quiet(
                                        each.getKey(),
                                        reasons(each.getValue()),
                                        why(each.getValue(), endMillis)))
                .toList();
    }

    private Account of(JsonNode alert) {
        return account(alert, alert.path("labels"));
    }

    private Account account(JsonNode document, JsonNode names) {
        String namespace = names.path("namespace").asText("");
        String name = names.path("name").asText();
        // What has no namespace, such as a node, was named by a person.
        String subject = namespace.isEmpty() ? name : namespace + "/" + workload(name);
        return accounts.computeIfAbsent(prefix.apply(document) + subject, key -> new Account());
    }

    private static String workload(String name) {
        String workload = name;
        for (String shorter = null; !workload.equals(shorter); ) {
            shorter = workload;
            workload = workload.replaceFirst(ADDED, "");
        }
        return workload;
    }

    private static String reasons(Account account) {
        return account.reasons.entrySet().stream()
                .map(each -> each.getKey() + " ×" + each.getValue())
                .collect(Collectors.joining(", "));
    }

    private String why(Account account, long endMillis) {
        if (!account.pending.isEmpty()) {
            return String.join(", ", new TreeSet<>(account.pending.values()))
                    + " was still pending when the recording ended";
        }
        if (account.over != null) {
            return account.over;
        }
        if (account.triggered.isEmpty()) {
            return "no rule rings for this";
        }
        // Rules may share an alert; what did not come to pass in one of them says enough.
        Map<String, String> byAlert = new TreeMap<>();
        for (String name : account.triggered) {
            Rule rule = rules.get(name);
            if (account.came.contains(name)) {
                byAlert.put(rule.alert(), rule.alert() + ": " + came(rule));
            } else {
                long since = endMillis - account.triggeredAt.get(name);
                byAlert.putIfAbsent(rule.alert(), rule.alert() + ": " + unmet(rule, since));
            }
        }
        return String.join("; ", byAlert.values());
    }

    private static String came(Rule rule) {
        When.Absence absence = (When.Absence) rule.when();
        Set<String> reasons = absence.awaited().reasons();
        return (reasons == null ? "what it waits for" : String.join(" or ", reasons))
                + " came within "
                + Story.length(absence.withinMillis());
    }

    private static String unmet(Rule rule, long sinceMillis) {
        if (rule.when() instanceof When.Absence && sinceMillis < rule.when().withinMillis()) {
            return "its "
                    + Story.length(rule.when().withinMillis())
                    + " were not over when the recording ended";
        }
        String within = " within " + Story.length(rule.when().withinMillis());
        return rule.when() instanceof When.Threshold threshold
                ? "never " + threshold.atLeast() + " of one object" + within
                : "not missing what it waits for" + within;
    }
}
