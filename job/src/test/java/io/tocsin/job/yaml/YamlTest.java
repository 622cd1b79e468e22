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

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class YamlTest {
    private final List<String> errors = new ArrayList<>();

    @Test
    void keepsLinesAndScalarsAsTheyWereWritten() {
        Yaml.Mapping root = (Yaml.Mapping) read("a: 0x10\nb:\n  - true\n  - ~\n  - '1'\n").get(0);

        assertThat(root.get("a")).isEqualTo(new Yaml.Scalar("0x10", 1));
        assertThat(root.entries().get("b").line()).isEqualTo(2);
        assertThat(((Yaml.Items) root.get("b")).items())
                .containsExactly(
                        new Yaml.Scalar("true", 3),
                        new Yaml.Scalar(null, 4),
                        new Yaml.Scalar("1", 5));
        assertThat(root.get("c")).isNull();
        assertThat(errors).isEmpty();
    }

    @Test
    void takesAliasesForWhatTheyName() {
        Yaml.Mapping root = (Yaml.Mapping) read("a: &x {b: c}\nd: *x\n").get(0);

        assertThat(root.get("d")).isEqualTo(root.get("a"));
        assertThat(errors).isEmpty();
    }

    @Test
    void takesWhatManyAliasesNameOnce() {
        Yaml.Mapping root = (Yaml.Mapping) read(doubled(20)).get(0);

        List<Yaml> items = ((Yaml.Items) root.get("a20")).items();
        assertThat(items.get(0)).isSameAs(items.get(1)).isSameAs(root.get("a19"));
        assertThat(errors).isEmpty();
    }

    @Test
    void refusesMoreAliasesThanPeopleWrite() {
        assertThat(read(doubled(40))).isEmpty();
        assertThat(errors).singleElement().asString().contains("aliases");
    }

    @Test
    void refusesAnAliasOfWhatItIsPartOf() {
        read("a: 1\nb: &x\n  - *x\n");

        assertThat(errors)
                .containsExactly("2: an alias names what it is part of; expected no circle");
    }

    @Test
    void tellsKeysThatAreThereTwiceOrNoTexts() {
        read("a: 1\nb: 2\na: 3\n[c]: 4\n");

        assertThat(errors)
                .containsExactly(
                        "3: a: got it twice, expected it once (first at line 1)",
                        "4: got a list or a mapping as a key, expected a text");
    }

    @Test
    void readsEveryDocumentUntilOneIsBroken() {
        assertThat(read("")).isEmpty();
        assertThat(read("a\n---\nb\n"))
                .containsExactly(new Yaml.Scalar("a", 1), new Yaml.Scalar("b", 3));
        assertThat(errors).isEmpty();
        assertThat(read("a\n---\n[b\n")).containsExactly(new Yaml.Scalar("a", 1));
        assertThat(errors).singleElement().asString().startsWith("4: this is not YAML: ");
    }

    /** Lists, each of which holds the one before it twice. */
    private static String doubled(int times) {
        StringBuilder text = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i <= times; i++) {
            String before = "*a" + (i - 1);
            text.append("a%d: &a%d [%s, %s]\n".formatted(i, i, before, before));
        }
        return text.toString();
    }

    private List<Yaml> read(String text) {
        return Yaml.read(text, (line, message) -> errors.add(line + ": " + message));
    }
}
