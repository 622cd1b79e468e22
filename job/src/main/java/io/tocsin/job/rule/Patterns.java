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

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.tocsin.annotation.Pure;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Compiles what rules search texts for. RE2 needs time in proportion to the length of the text and
 * to the size of the program; the size is bounded here, before anything is built: {@code
 * ((a{1000}){1000}){1000}} would take a gigabyte.
 */
@Pure
final class Patterns {

    /** The most chars of a value or of a regular expression. */
    static final int MOST_CHARS = 1_000;

    /** The most steps of a program, roughly: one for each char, times its repetitions. */
    static final int MOST_STEPS = 2_000;

    private static final Pattern REPETITION = Pattern.compile("\\{[0-9]+(?:,[0-9]*)?\\}");

    private Patterns() {}

    /**
     * Compiles a regular expression.
     *
     * @throws PatternSyntaxException if it is malformed, or takes too much
     */
    static Pattern regex(String regex) {
        if (regex.length() > MOST_CHARS) {
            throw new PatternSyntaxException(
                    "longer than " + MOST_CHARS + " characters", shortened(regex));
        }
        if (steps(regex) > MOST_STEPS) {
            throw new PatternSyntaxException(
                    "repetitions that unfold to more than " + MOST_STEPS + " steps",
                    shortened(regex));
        }
        return Pattern.compile(regex);
    }

    /**
     * Compiles a glob, in which {@code *} and {@code ?} stand for any chars and one char, and a
     * backslash before one of them, or before another, for itself.
     *
     * @param anywhere whether it may match anywhere, and not only the whole text
     */
    static Pattern glob(String glob, boolean anywhere) {
        StringBuilder regex = new StringBuilder(anywhere ? "(?s)" : "(?s)\\A");
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (escapes(glob, i)) {
                regex.append(Pattern.quote(String.valueOf(glob.charAt(++i))));
            } else if (c == '*') {
                regex.append(".*");
            } else {
                regex.append(c == '?' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.append(anywhere ? "" : "\\z").toString());
    }

    /** Whether a text has an unescaped {@code *} or {@code ?}. */
    static boolean isGlob(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (escapes(text, i)) {
                i++;
            } else if (text.charAt(i) == '*' || text.charAt(i) == '?') {
                return true;
            }
        }
        return false;
    }

    /** A text that is no glob, without its backslashes. */
    static String unescaped(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            plain.append(escapes(text, i) ? text.charAt(++i) : text.charAt(i));
        }
        return plain.toString();
    }

    private static boolean escapes(String text, int at) {
        return text.charAt(at) == '\\'
                && at + 1 < text.length()
                && "*?\\".indexOf(text.charAt(at + 1)) >= 0;
    }

    /**
     * About how many steps a regular expression unfolds to, without building it: never far below
     * the truth, since what is not understood counts as much as its chars.
     */
    static long steps(String regex) {
        Deque<Long> outer = new ArrayDeque<>();
        long steps = 0;
        long last = 0;
        int i = 0;
        while (i < regex.length() && steps < Integer.MAX_VALUE) {
            char c = regex.charAt(i);
            int end = i + 1;
            if (c == '(') {
                outer.push(steps);
                steps = 0;
                last = 1;
            } else if (c == ')' && !outer.isEmpty()) {
                last = steps + 2;
                steps = outer.pop() + last;
            } else if (c == '{' && most(regex, i) > 0) {
                long added = last * most(regex, i);
                steps += added;
                last += added;
                end = regex.indexOf('}', i) + 1;
            } else {
                end = atom(regex, i);
                last = 1;
                steps += end - i;
            }
            i = end;
        }
        return outer.stream().reduce(steps, Long::sum);
    }

    /** Where an atom ends: an escape, a quotation, a class or one char. */
    private static int atom(String regex, int at) {
        if (regex.startsWith("\\Q", at)) {
            return after("\\E", regex, at);
        }
        if (regex.startsWith("\\x{", at)
                || regex.startsWith("\\p{", at)
                || regex.startsWith("\\P{", at)) {
            return after("}", regex, at);
        }
        if (regex.charAt(at) == '\\') {
            return Math.min(regex.length(), at + 2);
        }
        if (regex.charAt(at) != '[') {
            return at + 1;
        }
        // A bracket that comes first is a member.
        int i = at + (regex.startsWith("^", at + 1) ? 3 : 2);
        while (i < regex.length() && regex.charAt(i) != ']') {
            if (regex.startsWith("[:", i) && regex.indexOf(":]", i) >= 0) {
                i = after(":]", regex, i);
            } else {
                i += regex.charAt(i) == '\\' ? 2 : 1;
            }
        }
        return Math.min(regex.length(), i + 1);
    }

    private static int after(String end, String regex, int at) {
        int found = regex.indexOf(end, at);
        return found < 0 ? regex.length() : found + end.length();
    }

    /** The most repetitions of {@code {n}}, {@code {n,}} or {@code {n,m}}; 0 if it is none. */
    private static int most(String regex, int at) {
        int end = regex.indexOf('}', at);
        if (end < 0 || !REPETITION.matches(regex.substring(at, end + 1))) {
            return 0;
        }
        int most = 1;
        for (String bound : regex.substring(at + 1, end).split(",")) {
            // RE2 itself knows no more than 1,000.
            int repetitions = bound.length() > 4 ? 1_000_000 : Integer.parseInt(bound);
            most = Math.max(most, repetitions);
        }
        return most;
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
