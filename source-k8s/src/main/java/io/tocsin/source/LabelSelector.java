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

import io.tocsin.annotation.Pure;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A label selector as kubectl takes it, checked for its form: {@code team=shop,env in (prod,
 * stage),!legacy}.
 *
 * <p>Semantics: Kubernetes documentation, "Labels and Selectors".
 *
 * @param text the selector as it was written
 */
@Pure
public record LabelSelector(String text) {

    private static final String NAME = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
    private static final String PREFIX = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";
    private static final String KEY = "(" + PREFIX + "/)?" + NAME;
    private static final Pattern EXISTS = Pattern.compile("!?\\s*(?<key>\\S+)");
    private static final Pattern COMPARES =
            Pattern.compile("(?<key>[^=!<>\\s]+)\\s*(?<op>==|=|!=|>|<)\\s*(?<value>\\S*)");
    private static final Pattern LISTS =
            Pattern.compile("(?<key>\\S+)\\s+(in|notin)\\s*\\((?<values>[^()]*)\\)");
    private static final String EXPECTED =
            "expected requirements separated by commas, each as key=value, key!=value, key in (a,"
                    + " b), key notin (a, b), key or !key";

    /**
     * Reads a selector.
     *
     * @throws IllegalArgumentException if it has not the form of one; names the requirement that is
     *     wrong and what was expected
     */
    public static LabelSelector parse(String text) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException("is empty; " + EXPECTED);
        }
        for (String requirement : requirements(text)) {
            check(requirement.strip());
        }
        return new LabelSelector(text.strip());
    }

    /** Parts between the commas that are not in brackets. */
    private static List<String> requirements(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth <= 0) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.add(text.substring(begin));
        return parts;
    }

    private static void check(String requirement) {
        Matcher lists = LISTS.matcher(requirement);
        Matcher compares = COMPARES.matcher(requirement);
        Matcher exists = EXISTS.matcher(requirement);
        if (lists.matches()) {
            key(lists.group("key"), requirement);
            for (String value : lists.group("values").split(",", -1)) {
                value(value.strip(), requirement);
            }
        } else if (compares.matches()) {
            key(compares.group("key"), requirement);
            boolean ordered = compares.group("op").equals(">") || compares.group("op").equals("<");
            if (ordered && !compares.group("value").matches("-?\\d+")) {
                throw wrong(requirement, "'" + compares.group("value") + "' is no number");
            }
            if (!ordered) {
                value(compares.group("value"), requirement);
            }
        } else if (exists.matches()) {
            key(exists.group("key"), requirement);
        } else {
            throw wrong(requirement, null);
        }
    }

    private static void key(String key, String requirement) {
        if (!key.matches(KEY)) {
            throw wrong(requirement, "'" + key + "' is no label key");
        }
    }

    private static void value(String value, String requirement) {
        if (!value.isEmpty() && !value.matches(NAME)) {
            throw wrong(requirement, "'" + value + "' is no label value");
        }
    }

    private static IllegalArgumentException wrong(String requirement, String why) {
        return new IllegalArgumentException(
                "'"
                        + requirement
                        + "' is no requirement"
                        + (why == null ? "" : " (" + why + ")")
                        + "; "
                        + EXPECTED);
    }

    @Override
    public String toString() {
        return text;
    }
}
