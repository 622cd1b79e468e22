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
package io.tocsin.deploy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The problems found in one file. */
final class Problems {
    private final String file;
    private final List<Problem> problems = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    /** Notes a problem at a place. */
    void add(Field at, String got, String expected, String remedy) {
        add(at.line(), at.path(), "got " + got + ", expected " + expected + "; " + remedy);
    }

    /** Notes that what is there, or not there, is not the one value that will do. */
    void unless(boolean good, Field at, String expected, String remedy) {
        if (!good) {
            add(at, got(at), expected, remedy);
        }
    }

    void add(int line, String path, String text) {
        problems.add(new Problem(file, line, path, text.replaceAll("\\s*\\R\\s*", " ")));
    }

    /** All problems, in the order of the file. */
    List<Problem> all() {
        return problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    String file() {
        return file;
    }

    /** What is at a place, in the words of a message. */
    static String got(Field at) {
        if (!at.isPresent()) {
            return "nothing";
        }
        return at.text() == null ? "a " + at.node().getNodeId() : "\"" + at.text() + "\"";
    }

    /** A name that a slip of one or two letters makes of this one. */
    static Optional<String> near(String name, Collection<String> names) {
        return names.stream()
                .filter(other -> distance(name, other) <= 2)
                .min(Comparator.comparingInt(other -> distance(name, other)));
    }

    /** The nearest of the names, as a remedy; or the list of them. */
    static String didYouMean(String name, Collection<String> names) {
        String nearest =
                names.stream()
                        .min(Comparator.comparingInt(other -> distance(name, other)))
                        .orElse("");
        return !nearest.isEmpty() && distance(name, nearest) <= Math.max(2, name.length() / 3)
                ? "did you mean " + nearest + "?"
                : "known here: " + (names.isEmpty() ? "none" : String.join(", ", names));
    }

    private static int distance(String a, String b) {
        int[] costs = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            costs[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = costs[0];
            costs[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = costs[j];
                costs[j] =
                        Math.min(
                                Math.min(above, costs[j - 1]) + 1,
                                diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                diagonal = above;
            }
        }
        return costs[b.length()];
    }
}
