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

import java.util.Set;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Values within a known type that the API server refuses, or takes for another than was meant:
 * ports, file modes, and what Secrets hold. Never shows what a Secret holds.
 */
final class ValuesCheck {
    private static final Set<String> PORTS =
            Set.of("containerPort", "hostPort", "nodePort", "port", "targetPort");
    private static final Set<String> MODES = Set.of("defaultMode", "mode");
    private static final long HIGHEST_PORT = 65535;
    private static final long HIGHEST_MODE = 0777;
    private static final String REFUSED = "the API server refuses the whole object otherwise";

    private final Problems problems;

    ValuesCheck(Problems problems) {
        this.problems = problems;
    }

    /** Checks an object of a kind whose schema is known. */
    void check(Field object) {
        if (object.get("kind").is("Secret")) {
            object.get("data").entries().values().forEach(this::base64);
        } else {
            numbers(object);
        }
    }

    private void numbers(Field field) {
        field.entries()
                .forEach(
                        (key, value) -> {
                            if (!value.node().getTag().equals(Tag.INT)) {
                                numbers(value);
                            } else if (PORTS.contains(key)) {
                                range(value, 1, HIGHEST_PORT, "1 to 65535");
                            } else if (MODES.contains(key)) {
                                mode(value);
                            }
                        });
        field.items().forEach(this::numbers);
    }

    private void mode(Field field) {
        String text = field.text();
        if (!range(field, 0, HIGHEST_MODE, "0 to 0777, in octal with a leading 0")
                || !text.matches("[1-7][0-7]{2}")) {
            return;
        }
        // 420 is 0644 as JSON has it; 440 is 0670, which nobody means.
        int value = Integer.parseInt(text);
        if (!isUsual(value) && isUsual(Integer.parseInt(text, 8))) {
            problems.add(
                    field,
                    text + ", which is 0" + Integer.toOctalString(value),
                    "0" + text + " with a leading 0",
                    "a number without it is decimal");
        }
    }

    /** Whether nobody may more than the owner, others not more than the group, and all may read. */
    private static boolean isUsual(int mode) {
        int owner = mode >> 6 & 7;
        int group = mode >> 3 & 7;
        int others = mode & 7;
        return reads(owner)
                && reads(group)
                && reads(others)
                && (group & ~owner) == 0
                && (others & ~group) == 0;
    }

    private static boolean reads(int rights) {
        return rights == 0 || rights >= 4;
    }

    private boolean range(Field field, long lowest, long highest, String expected) {
        long value;
        try {
            value = Long.decode(field.text());
        } catch (NumberFormatException e) {
            return false; // written in one of YAML's rarer ways
        }
        boolean within = value >= lowest && value <= highest;
        problems.unless(within, field, expected, REFUSED);
        return within;
    }

    private void base64(Field value) {
        String text = value.text() == null ? "" : value.text().replaceAll("[\r\n]", "");
        if (!text.matches("(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")) {
            problems.add(
                    value,
                    "a text that is not base64",
                    "base64",
                    "encode it, or move it to stringData, which takes it as it is");
        }
    }
}
