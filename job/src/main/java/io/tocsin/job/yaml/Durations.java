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

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

/** Durations as YAML files write them: {@code 90s}, {@code 10m}, {@code 1h30m}, {@code 500ms}. */
public final class Durations {

    /** What a text that is none should have been. */
    public static final String EXPECTED = "a duration such as 90s, 10m or 1h30m";

    /** What every duration matches, and besides only the empty text. Understood by all engines. */
    static final String FORM =
            "(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?"
                    + "(?:([0-9]{1,9})ms)?";

    private static final Pattern PATTERN = Pattern.compile(FORM);
    private static final long[] UNITS = {86_400_000, 3_600_000, 60_000, 1_000, 1};

    private Durations() {}

    /** Milliseconds, or -1 if the text is no duration. */
    public static long parse(String text) {
        if (text.equals("0")) {
            return 0;
        }
        Matcher matcher = PATTERN.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            return -1;
        }
        long millis = 0;
        for (int i = 0; i < UNITS.length; i++) {
            if (matcher.group(i + 1) != null) {
                millis += Long.parseLong(matcher.group(i + 1)) * UNITS[i];
            }
        }
        return millis;
    }

    /** As {@link #parse} reads it, in the largest units: {@code 1h30m}. */
    public static String write(long millis) {
        if (millis <= 0) {
            return "0";
        }
        String[] names = {"d", "h", "m", "s", "ms"};
        StringBuilder text = new StringBuilder();
        long rest = millis;
        for (int i = 0; i < UNITS.length; i++) {
            if (rest >= UNITS[i]) {
                text.append(rest / UNITS[i]).append(names[i]);
                rest %= UNITS[i];
            }
        }
        return text.toString();
    }
}
