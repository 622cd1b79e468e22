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
package io.tocsin.job.detect;

import io.tocsin.annotation.Pure;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.Matcher;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.Stage;
import io.tocsin.job.rule.When;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A rule as a checkpoint remembers it: its name and what it says, part by part. What a rule does
 * not say is left out, so that a version with more to say finds no change in it.
 *
 * @param name its name
 * @param parts what it says
 * @param formerly names that it had
 * @param alertsFormerly names that its alerts had
 */
@Pure
record RuleEntry(
        String name, Map<String, String> parts, Set<String> formerly, Set<String> alertsFormerly) {

    static final String ALERT = "alert";
    static final String PER = "per";
    static final String WHEN = "when";

    private static final char SEPARATOR = '\u001f';
    private static final String FORMERLY = "formerly";
    private static final String ALERTS_FORMERLY = "alertsFormerly";

    static RuleEntry of(Rule rule) {
        Map<String, String> parts = new LinkedHashMap<>();
        put(parts, ALERT, rule.alert().equals(rule.name()) ? "" : rule.alert());
        put(parts, PER, rule.perId());
        put(parts, "match", words(rule.match()));
        put(parts, WHEN, words(rule.when()));
        put(parts, "for", millis(rule.life().forMillis()));
        put(parts, "quiet", millis(rule.life().quietMillis()));
        put(parts, "clears", words(rule.life().clears()));
        put(parts, "keepAlive", words(rule.life().keepAlive()));
        put(parts, "resolveAfter", millis(rule.life().resolveAfterMillis()));
        put(parts, "notice", rule.life().notice() ? "true" : "");
        put(parts, "severity", rule.severity().name());
        put(parts, "summary", rule.texts().summary());
        put(parts, "description", rule.texts().description());
        put(parts, "runbook", rule.texts().runbook());
        Map<String, String> labels = new TreeMap<>(rule.texts().labels());
        put(parts, "labels", labels.isEmpty() ? "" : labels.toString());
        return new RuleEntry(rule.name(), parts, new TreeSet<>(rule.formerly()), new TreeSet<>());
    }

    /** The alert's name. */
    String alert() {
        return parts.getOrDefault(ALERT, name);
    }

    /** The kind of the condition: the first word of it. */
    String kind() {
        String when = parts.getOrDefault(WHEN, "");
        int end = when.indexOf(' ');
        return end < 0 ? when : when.substring(0, end);
    }

    /** The condition without its time. */
    String condition() {
        String when = parts.getOrDefault(WHEN, "");
        int end = when.lastIndexOf(" within ");
        return end < 0 ? when : when.substring(0, end);
    }

    /** What a checkpoint keeps. */
    String written() {
        StringBuilder text = new StringBuilder(name);
        Map<String, String> all = new LinkedHashMap<>(parts);
        put(all, FORMERLY, String.join(",", formerly));
        put(all, ALERTS_FORMERLY, String.join(",", alertsFormerly));
        all.forEach((part, value) -> text.append(SEPARATOR).append(part).append('=').append(value));
        return text.toString();
    }

    static RuleEntry read(String written) {
        String[] texts = written.split(String.valueOf(SEPARATOR));
        Map<String, String> parts = new LinkedHashMap<>();
        for (int i = 1; i < texts.length; i++) {
            int equals = texts[i].indexOf('=');
            if (equals > 0) {
                parts.put(texts[i].substring(0, equals), texts[i].substring(equals + 1));
            }
        }
        Set<String> formerly = names(parts.remove(FORMERLY));
        return new RuleEntry(texts[0], parts, formerly, names(parts.remove(ALERTS_FORMERLY)));
    }

    private static Set<String> names(String joined) {
        return new TreeSet<>(joined == null ? List.of() : List.of(joined.split(",")));
    }

    private static void put(Map<String, String> parts, String part, String value) {
        if (value != null && !value.isEmpty()) {
            parts.put(part, value.replace(SEPARATOR, ' '));
        }
    }

    private static String millis(long millis) {
        return millis == 0 ? "" : Long.toString(millis);
    }

    private static String words(When when) {
        String condition;
        if (when instanceof When.Threshold threshold) {
            condition = "atLeast " + threshold.atLeast();
        } else if (when instanceof When.Absence absence) {
            condition = "missing " + words(absence.awaited());
        } else if (when instanceof When.Distinct distinct) {
            condition = "distinct " + distinct.field().path() + " " + distinct.atLeast();
        } else {
            List<Stage> stages = ((When.Sequence) when).stages();
            condition = "sequence " + stages.stream().map(Stage::written).toList();
        }
        return condition + " within " + when.withinMillis();
    }

    private static String words(List<Matcher> matchers) {
        return String.join(" or ", matchers.stream().map(RuleEntry::words).toList());
    }

    private static String words(Matcher matcher) {
        if (matcher == null) {
            return "";
        }
        StringBuilder text = new StringBuilder(matcher.resource());
        for (Matcher.FieldMatch test : matcher.fields()) {
            text.append(' ').append(test.field().path());
            text.append(test.field() == Field.LABEL ? "." + test.label() : "").append('=');
            for (Matcher.Value value : test.values()) {
                text.append(value.negated() ? "!" : "").append(value.text()).append('|');
            }
        }
        return matcher.about() == null
                ? text.toString()
                : text.append(" about ").append(matcher.about()).toString();
    }
}
