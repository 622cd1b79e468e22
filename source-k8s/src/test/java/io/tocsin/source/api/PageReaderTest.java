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
package io.tocsin.source.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tocsin.testing.Simulation;
import java.io.EOFException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageReaderTest {

    private static final Bounds BOUNDS = new Bounds(100_000, 20);
    private final Signals signals = new Signals();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[%s]}",
                "{\"items\":[%s],\"metadata\":{\"continue\":\"\",\"resourceVersion\":\"9\"}}",
                " { \"x\":{\"items\":[1]},\"items\" : [ %s ] , \"metadata\" : {\"resourceVersion\":\"9\"} } \n"
            })
    void metadataMayStandAnywhere(String pattern) throws Exception {
        Signal page = read(pattern.formatted(item("a", "n") + " , " + item("a", "o")), 1);

        assertThat(page).isEqualTo(new Signal.Page("9", null, 5, 2, true, "a", "o"));
        assertThat(signals.of(Signal.Upserted.class)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null"})
    void anEmptyPage(String items) throws Exception {
        assertThat(read("{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":" + items + "}", 3))
                .isEqualTo(new Signal.Page("9", null, 5, 0, true, null, null));
    }

    @Test
    void unwantedItemsCountAndAreNotTold() throws Exception {
        Signals unwilling = new Signals(version -> false);
        Signal page =
                new PageReader(
                                new Trickle(list(item("a", "n")).getBytes(UTF_8), new Random(1), 7),
                                BOUNDS,
                                new ObjectReader(BOUNDS),
                                unwilling,
                                () -> {})
                        .read(200, 5);

        assertThat(page).isEqualTo(new Signal.Page("9", null, 5, 1, true, "a", "n"));
        assertThat(unwilling.all).isEmpty();
    }

    @Test
    void orderIsThatOfUtf8Bytes() throws Exception {
        // '-' sorts before '/', so namespace a-b stands before namespace a.
        assertThat(sorted(item("a-b", "x"), item("a", "x"))).isTrue();
        assertThat(sorted(item("a", "x"), item("a-b", "x"))).isFalse();
        assertThat(sorted(item("a", "x"), item("a", "x"))).isFalse();
        assertThat(sorted(item("a", "\uffee"), item("a", "🔔"))).isTrue();
        assertThat(sorted(item("a", "🔔"), item("a", "\uffee"))).isFalse();
    }

    @Test
    void malformedItemsLeaveTheOthersReadable() throws Exception {
        String huge = "{\"x\":\"" + "y".repeat(300_000) + "\"}";
        Signal page =
                read(
                        list(
                                String.join(
                                        ",",
                                        item("a", "b"),
                                        "{\"metadata\":{}}",
                                        "null",
                                        "17",
                                        "\"a,]}\"",
                                        "{\"metadata\":tru}",
                                        huge,
                                        "[[],{}]",
                                        item("a", "c"))),
                        1000);

        assertThat(page).isEqualTo(new Signal.Page("9", null, 5, 9, true, "a", "c"));
        assertThat(signals.of(Signal.Upserted.class)).hasSize(2);
        assertThat(signals.of(Signal.Malformed.class))
                .hasSize(7)
                .allSatisfy(m -> assertThat(m.raw().length).isBetween(1, 20));
    }

    @Test
    void everyTruncationIsAnEnd() {
        byte[] page = list(item("a", "b") + "," + item("a", "ö🔔")).getBytes(UTF_8);
        for (int length = 0; length < page.length - 1; length++) {
            byte[] cut = Arrays.copyOf(page, length);
            assertThatThrownBy(() -> read(cut, 3))
                    .as("cut at %d", length)
                    .isInstanceOf(EOFException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>Log in</html>",
                "17",
                "[]",
                "{}",
                "{\"metadata\":{\"resourceVersion\":\"\"},\"items\":[]}",
                "{\"metadata\":7,\"items\":[]}"
            })
    void anythingElseIsRefused(String body) throws Exception {
        assertThat(read(body, 4))
                .isInstanceOfSatisfying(
                        Signal.Refused.class,
                        r -> assertThat(r.message()).contains("not a Kubernetes list"));
    }

    @Test
    void bracketsThatDoNotMatchEndTheCall() {
        assertThatThrownBy(() -> read("{\"items\":[}]}", 2)).hasMessageContaining("brackets");
    }

    @Test
    void randomPagesInRandomChunks() {
        Simulation.run(
                "page reader",
                5_000,
                (random, seed) -> {
                    List<String> names = new ArrayList<>();
                    StringBuilder items = new StringBuilder();
                    int malformed = 0;
                    int count = random.nextInt(10);
                    for (int i = 0; i < count; i++) {
                        items.append(i == 0 ? "" : ",");
                        if (random.nextInt(5) == 0) {
                            malformed++;
                            items.append("{\"metadata\":{\"name\":\"x\"}}");
                        } else {
                            String name =
                                    ObjectReaderTest.text(random)
                                            .replaceAll("[\\p{Cntrl}\"\\\\]", "_");
                            names.add(name);
                            items.append(item("ns", name));
                        }
                    }
                    Signals told = new Signals();
                    Signal.Page page =
                            (Signal.Page)
                                    new PageReader(
                                                    new Trickle(
                                                            list(items.toString()).getBytes(UTF_8),
                                                            random,
                                                            1 + random.nextInt(50)),
                                                    BOUNDS,
                                                    new ObjectReader(BOUNDS),
                                                    told,
                                                    () -> {})
                                            .read(200, 5);
                    assertThat(page.items()).isEqualTo(count);
                    assertThat(told.of(Signal.Malformed.class)).hasSize(malformed);
                    assertThat(told.of(Signal.Upserted.class))
                            .extracting(u -> u.object().name())
                            .containsExactlyElementsOf(names);
                });
    }

    @Test
    void aHeadFullOfFieldsIsReadInOneGo() {
        // A hundred thousand fields: read in time that grows with their number, not its square.
        String fields = "\"f\":0,".repeat(100_000);
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () ->
                        assertThat(
                                        read(
                                                "{"
                                                        + fields
                                                        + "\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[]}",
                                                4_096))
                                .isInstanceOf(Signal.Page.class));
    }

    @Test
    void damagedPagesNeverHangNorFailOtherwise() {
        byte[] sound = list(item("a", "b") + "," + item("a", "ö🔔")).getBytes(UTF_8);
        Simulation.run(
                "damaged pages",
                20_000,
                (random, seed) -> {
                    byte[] page = sound.clone();
                    for (int i = 0; i <= random.nextInt(3); i++) {
                        page[random.nextInt(page.length)] =
                                (byte) "{}[]\",:\\0\0\377".charAt(random.nextInt(11));
                    }
                    try {
                        assertThat(read(page, 1 + random.nextInt(50)))
                                .isInstanceOfAny(Signal.Page.class, Signal.Refused.class);
                    } catch (java.io.IOException e) {
                        assertThat(e.getMessage()).isNotBlank();
                    }
                });
    }

    private boolean sorted(String... items) throws Exception {
        return ((Signal.Page) read(list(String.join(",", items)), 9)).sorted();
    }

    private static String list(String items) {
        return "{\"kind\":\"EventList\",\"metadata\":{\"resourceVersion\":\"9\"},\"items\":["
                + items
                + "]}\n";
    }

    private static String item(String namespace, String name) {
        return "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\",\"uid\":\"u\",\"resourceVersion\":\"7\"},\"a\":[{\"b\":\"]\\\\\\\"}\"}]}"
                .formatted(name, namespace);
    }

    private Signal read(String text, int most) throws Exception {
        return read(text.getBytes(UTF_8), most);
    }

    private Signal read(byte[] bytes, int most) throws Exception {
        return new PageReader(
                        new Trickle(bytes, new Random(1), most),
                        BOUNDS,
                        new ObjectReader(BOUNDS),
                        signals,
                        () -> {})
                .read(200, 5);
    }
}
