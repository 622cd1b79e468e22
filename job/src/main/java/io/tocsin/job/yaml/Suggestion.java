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
package io.tocsin.job.yaml;

import io.tocsin.annotation.Pure;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was probably meant. */
@Pure
public final class Suggestion {
    private Suggestion() {}

    /**
     * For the end of a clause: {@code , did you mean "x"?} for the nearest known word if it is near
     * enough, else nothing.
     */
    public static String of(String typed, Collection<String> known) {
        Optional<String> nearest =
                known.stream().min(Comparator.comparingInt(word -> distance(typed, word)));
        return nearest.filter(
                        word ->
                                distance(typed, word)
                                        <= Math.min(
                                                Math.max(2, word.length() / 3), word.length() - 1))
                .map(word -> ", did you mean \"" + word + "\"?")
                .orElse("");
    }

    /** For the end of a sentence: as {@link #of}, but a full stop where no word is near. */
    public static String orFullStop(String typed, Collection<String> known) {
        String suggestion = of(typed, known);
        return suggestion.isEmpty() ? "." : suggestion;
    }

    /** Levenshtein's distance, letter case ignored. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
