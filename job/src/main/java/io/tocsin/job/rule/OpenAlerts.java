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

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.rule.RuleTestCase.Expectation;
import io.tocsin.job.rule.RuleTestCase.ExpectedAlert;
import io.tocsin.job.yaml.Durations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Compares the alerts that are open at a time with those that a test expects. */
@Pure
public final class OpenAlerts {

    private final List<Alert> changes;

    /**
     * @param changes all changes of alerts, in the order in which they were told
     */
    public OpenAlerts(List<Alert> changes) {
        this.changes = List.copyOf(changes);
    }

    /**
     * What is not as expected.
     *
     * @param expectation what was expected
     * @param missing in words, what was expected and is not open
     * @param unexpected in words, what is open and was not expected
     */
    public record Difference(
            Expectation expectation, List<String> missing, List<String> unexpected) {}

    /** Every expectation that is not met, in order. */
    public List<Difference> differences(List<Expectation> expectations) {
        List<Difference> differences = new ArrayList<>();
        for (Expectation expectation : expectations) {
            Difference difference = compare(expectation, at(expectation.atMillis()));
            if (difference != null) {
                differences.add(difference);
            }
        }
        return differences;
    }

    /** The alerts that are open at a time of the test, changes at that time included. */
    List<Alert> at(long millis) {
        Map<String, Alert> latest = new LinkedHashMap<>();
        for (Alert change : changes) {
            if (timeOf(change) <= RuleTestCase.BEGIN_MILLIS + millis) {
                latest.put(change.id(), change);
            }
        }
        return latest.values().stream()
                .filter(alert -> alert.status() != AlertStatus.RESOLVED)
                .toList();
    }

    private static long timeOf(Alert change) {
        return switch (change.status()) {
            case PENDING -> change.startsAtMillis();
            case FIRING -> change.firedAtMillis();
            case RESOLVED -> change.endsAtMillis();
        };
    }

    private static Difference compare(Expectation expectation, List<Alert> open) {
        List<ExpectedAlert> expected = expectation.alerts();
        int[] takenBy = new int[open.size()];
        Arrays.fill(takenBy, -1);
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            if (!assign(i, expected, open, takenBy, new boolean[open.size()])) {
                missing.add(words(expected.get(i)));
            }
        }
        List<String> unexpected = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            if (takenBy[i] < 0) {
                unexpected.add(words(open.get(i), expected));
            }
        }
        return missing.isEmpty() && unexpected.isEmpty()
                ? null
                : new Difference(expectation, missing, unexpected);
    }

    /** Finds an alert of its own for each expected one, if that can be: by augmenting paths. */
    private static boolean assign(
            int index,
            List<ExpectedAlert> expected,
            List<Alert> open,
            int[] takenBy,
            boolean[] tried) {
        for (int i = 0; i < open.size(); i++) {
            if (!tried[i] && meets(open.get(i), expected.get(index))) {
                tried[i] = true;
                if (takenBy[i] < 0 || assign(takenBy[i], expected, open, takenBy, tried)) {
                    takenBy[i] = index;
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean meets(Alert alert, ExpectedAlert expected) {
        return alert.rule().equals(expected.rule())
                && anyOr(expected.subject(), alert.subject())
                && anyOr(expected.status(), word(alert.status()))
                && anyOr(expected.severity(), word(alert.severity()))
                && anyOr(expected.summary(), alert.summary())
                && (expected.sinceMillis() < 0 || expected.sinceMillis() == since(alert))
                && expected.labels().entrySet().stream()
                        .allMatch(l -> l.getValue().equals(label(alert, l.getKey())));
    }

    private static boolean anyOr(String expected, String actual) {
        return expected == null || expected.equals(actual);
    }

    private static long since(Alert alert) {
        return alert.startsAtMillis() - RuleTestCase.BEGIN_MILLIS;
    }

    private static String label(Alert alert, String name) {
        return Objects.requireNonNullElse(alert.labels().get(name), "");
    }

    private static String words(ExpectedAlert expected) {
        StringBuilder words = new StringBuilder(expected.rule()).append(' ');
        words.append(expected.status());
        part(words, "subject", expected.subject());
        part(words, "severity", expected.severity());
        part(words, "summary", expected.summary());
        expected.labels().forEach((name, value) -> part(words, "labels." + name, value));
        if (expected.sinceMillis() >= 0) {
            words.append(", since ").append(Durations.write(expected.sinceMillis()));
        }
        return words.toString();
    }

    /** An open alert, with all that is expected of any. */
    private static String words(Alert alert, List<ExpectedAlert> expected) {
        StringBuilder words = new StringBuilder(alert.rule()).append(' ');
        words.append(word(alert.status()));
        part(words, "subject", alert.subject());
        if (expected.stream().anyMatch(e -> e.severity() != null)) {
            part(words, "severity", word(alert.severity()));
        }
        if (expected.stream().anyMatch(e -> e.summary() != null)) {
            part(words, "summary", alert.summary());
        }
        expected.stream()
                .flatMap(e -> e.labels().keySet().stream())
                .distinct()
                .sorted()
                .forEach(name -> part(words, "labels." + name, label(alert, name)));
        return words.append(", since ").append(Durations.write(since(alert))).toString();
    }

    private static void part(StringBuilder words, String name, String value) {
        if (value != null) {
            words.append(", ").append(name).append(" \"").append(value).append('"');
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
