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

import io.tocsin.job.yaml.Durations;
import io.tocsin.job.yaml.Suggestion;
import io.tocsin.job.yaml.Yaml;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Collects what is wrong in one file, and reads scalars, saying what is wrong with them. */
final class Problems implements Yaml.Errors {

    /** As many are told of one file. */
    static final int MOST_TOLD = 100;

    private final String file;
    private final List<Located> errors = new ArrayList<>();
    private int untold;

    Problems(String file) {
        this.file = file;
    }

    private record Located(int line, String message) {}

    @Override
    public void add(int line, String message) {
        if (errors.size() < MOST_TOLD) {
            errors.add(new Located(line, message));
        } else {
            untold++;
        }
    }

    void expected(int line, String field, String got, String expected) {
        add(line, field + ": got " + got + ", expected " + expected);
    }

    /** In the order of their lines. */
    List<String> errors() {
        List<String> told = new ArrayList<>();
        errors.stream()
                .sorted(Comparator.comparingInt(Located::line))
                .forEach(error -> told.add(file + ":" + error.line() + ": " + error.message()));
        if (untold > 0) {
            told.add(file + ": " + untold + " more errors; correct these first");
        }
        return told;
    }

    boolean isEmpty() {
        return errors.isEmpty();
    }

    /** Reports something that the rule language will have, but does not have yet. */
    void notYet(int line, String field, String got, String expected) {
        expected(line, field, got + ", which is not supported yet", expected);
    }

    /**
     * Reports keys that are not known.
     *
     * @param later keys that will be known, but are not yet
     */
    void checkKeys(Yaml.Mapping mapping, String field, Set<String> known, Set<String> later) {
        mapping.entries()
                .forEach(
                        (key, entry) -> {
                            if (later.contains(key)) {
                                notYet(
                                        entry.line(),
                                        field + "." + key,
                                        key,
                                        "one of " + String.join(", ", known));
                            } else if (!known.contains(key)) {
                                add(
                                        entry.line(),
                                        (field.isEmpty() ? key : field + "." + key)
                                                + ": got an unknown key, expected one of "
                                                + String.join(", ", known)
                                                + Suggestion.of(key, known));
                            }
                        });
    }

    /** The mapping, or null after reporting that it is none. */
    Yaml.Mapping mapping(Yaml node, String field) {
        if (node instanceof Yaml.Mapping mapping) {
            return mapping;
        }
        expected(node.line(), field, node.describe(), "a mapping");
        return null;
    }

    /** The text, or null after reporting that it is none. */
    String text(Yaml node, String field, String expected) {
        if (node instanceof Yaml.Scalar scalar && scalar.text() != null) {
            return scalar.text();
        }
        expected(node.line(), field, node.describe(), expected);
        return null;
    }

    /** The duration in milliseconds; 1 after reporting an error, so that reading can go on. */
    long duration(Yaml node, String field, boolean zeroAllowed) {
        String text = text(node, field, Durations.EXPECTED);
        if (text == null) {
            return 1;
        }
        long millis = Durations.parse(text);
        if (millis < 0 || (millis == 0 && !zeroAllowed)) {
            expected(
                    node.line(),
                    field,
                    node.describe(),
                    Durations.EXPECTED + (millis == 0 ? ", longer than 0" : ""));
            return 1;
        }
        return millis;
    }

    /** A whole number of a range; its least after reporting an error. */
    long number(Yaml node, String field, long least, long most) {
        String expected = "a whole number from " + least + " to " + most;
        String text = text(node, field, expected);
        if (text != null) {
            try {
                long number = Long.parseLong(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Reported below, as a number out of range is.
            }
            expected(node.line(), field, node.describe(), expected);
        }
        return least;
    }

    /** True or false; false after reporting that it is neither. */
    boolean flag(Yaml node, String field) {
        return "true".equals(oneOf(node, field, List.of("true", "false")));
    }

    /** One of the known words, or null after reporting that it is none. */
    String oneOf(Yaml node, String field, Collection<String> known) {
        String expected = "one of " + String.join(", ", known);
        String text = text(node, field, expected);
        if (text == null || known.contains(text)) {
            return text;
        }
        expected(node.line(), field, node.describe(), expected + Suggestion.of(text, known));
        return null;
    }
}
