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

    private static final Pattern NAME = Pattern.compile("(?:name|alert): (\\w+)");

    /** An event of a pod. */
    record Happening(long second, String pod, String reason) {}

    /** A rule that is written with {@code $}, which stands for something else after the change. */
    static RuleChange of(String title, String rule, String before, String after) {
        return between(
                title, List.of(rule.replace("$", before)), List.of(rule.replace("$", after)));
    }

    static RuleChange between(String title, List<String> before, List<String> after) {
        return new RuleChange(title, before, after, List.of(), List.of(), List.of());
    }

    /** Each as {@code second pod reason}; several seconds are joined by commas. */
    RuleChange happens(String... lines) {
        List<Happening> all = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            for (String second : words[0].split(",")) {
                all.add(new Happening(Long.parseLong(second), words[1], words[2]));
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
