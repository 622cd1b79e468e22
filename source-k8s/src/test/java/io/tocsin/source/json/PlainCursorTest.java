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
package io.tocsin.source.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainCursorTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String[] KNOWN = {
        "string", "text", "count", "number", "flag", "object", "array", "names", "skipped"
    };
    private static final FieldNames NAMES = FieldNames.of(KNOWN);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                " { } \r\n\t",
                "{\"string\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD83D\\uDD14\\u003c\",\"text\":\"\\\"\"}",
                "{\"string\":null,\"text\":null,\"count\":null,\"object\":null}",
                "{\"text\" : \"\" , \"string\" : \"\"}",
                "{\"count\":0,\"text\":1,\"object\":[]}",
                "{\"count\":999999999}",
                "{\"count\":1.5,\"skipped\":[0,-0,-1.5e+10,1E5,2e-3,true,false,null,[],{},\"\\u0000\"]}",
                "{\"count\":\"5\",\"object\":{\"object\":{\"count\":7},\"text\":\"x\"},\"count\":8}",
                "{\"f:a\":{\"k:{\\\"type\\\":\\\"Ready\\\"}\":{\".\":{},\"f:x\":{}}},\"count\":3}",
                "{\"array\":[],\"array\":[1,\"a\",{\"text\":\"b\"},[[]],null],\"array\":{},\"count\":1}",
                "{\"array\":[[1],[],[{\"array\":[2]}]],\"text\":\"c\"}",
                "{\"names\":{\"app\":\"web\",\"\":\"\",\"a/b\":[5]},\"names\":{},\"names\":[],\"count\":1}",
                "{\"flag\":true,\"flag\":false,\"flag\":null,\"flag\":\"true\",\"flag\":[true]}",
                "{\"number\":137,\"number\":\"5\",\"number\":1.5,\"number\":{}}",
                "{\"text\":\"1234567\",\"text\":\"12345678\",\"text\":\"123456789\"}"
            })
    void readsPlainJsonLikeJackson(String json) throws IOException {
        byte[] bytes = json.getBytes(UTF_8);

        assertThat(walk(new PlainCursor(bytes, 0, bytes.length)))
                .isEqualTo(walk(new JacksonCursor(bytes, 0, bytes.length)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,}",
                "{,\"a\":1}",
                "{\"a\":1 \"b\":2}",
                "{\"a\" 1}",
                "{a:1}",
                "{\"a\":1}}",
                "{\"a\":1}x",
                "{\"a\":01}",
                "{\"a\":-}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":1e}",
                "{\"a\":NaN}",
                "{\"a\":nul}",
                "{\"a\":nulls}",
                "{\"a\":tru",
                "{\"a\":[1,]}",
                "{\"a\":[,1]}",
                "{\"a\":[1}",
                "{\"a\":{\"b\":1]}",
                "{\"a\":{\"b\"}}",
                "{\"a\":{1:2}}",
                "{\"array\":[1,]}",
                "{\"array\":[,1]}",
                "{\"array\":[1 2]}",
                "{\"array\":[1}",
                "{\"names\":{\"a\":1,}}",
                "{\"names\":{\"a\"}}",
                "{\"flag\":tru}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\",
                "{\"a\":\"line\nbreak\"}",
                "{\"a\":\"\u0001\"}",
                "{\"a\":\"open}",
                "{\"a\":1}/**/",
                "\ufeff{}",
                "{\"a\":\0}"
            })
    void whatIsNoJsonIsNotPlain(String json) {
        assertNotPlain(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"text\":\"ö\"}",
                "{\"ö\":1}",
                "{\"te\\u0078t\":\"a\"}",
                "{\"count\":1234567890}",
                "{\"count\":-1}",
                "{\"number\":-1}",
                "{\"names\":{\"longer than nine\":1}}",
                "{\"names\":{\"\\u0061\":1}}",
                "{\"text\":\"longer than nine\"}",
                "{\"string\":5}",
                "[]"
            })
    void leavesTheUnusualToJackson(String json) {
        assertNotPlain(json);
    }

    @Test
    void leavesDeepNestingAndLongNumbersAndNamesToJackson() throws IOException {
        assertNotPlain("{\"a\":" + "[".repeat(65) + "]".repeat(65) + "}");
        assertNotPlain("{\"a\":" + "1".repeat(101) + "}");
        assertNotPlain("{\"" + "a".repeat(1_001) + "\":1}");
        assertNotPlain("{\"a\":{\"" + "a".repeat(1_001) + "\":1}}");
        String deepest = "{\"a\":" + "[{\"a\":".repeat(32) + "1" + "}]".repeat(32) + "}";
        assertThat(walk(new PlainCursor(deepest.getBytes(UTF_8), 0, deepest.length())))
                .containsExactly("", "end " + deepest.length());
    }

    /** What was checked once counts only as far as it is the same. */
    @Test
    void managedFieldsAreCheckedWhereverTheyDiffer() throws IOException {
        String fields = "{\"f:count\":{},\"f:source\":{\"f:component\":{},\"f:host\":{}}}";
        String event = "{\"managedFields\":[{\"fieldsV1\":%s}],\"count\":3}";
        for (int i = 0; i < 3; i++) {
            byte[] bytes = event.formatted(fields).getBytes(UTF_8);
            assertThat(walk(new PlainCursor(bytes, 0, bytes.length)))
                    .isEqualTo(walk(new JacksonCursor(bytes, 0, bytes.length)));
        }
        for (int i = 0; i < fields.length(); i++) {
            assertNotPlain(
                    event.formatted(fields.substring(0, i) + "\n" + fields.substring(i + 1)));
        }
        assertNotPlain(event.formatted(fields + "}"));
        assertNotPlain("{\"fieldsV1\":" + fields);
        assertNotPlain("{\"fieldsV1\":" + "{\"fieldsV1\":".repeat(10_000) + fields);
    }

    @Test
    void readsNothingAroundItsSlice() throws IOException {
        byte[] bytes = "}\"{\"count\":12}34".getBytes(UTF_8);

        assertThat(walk(new PlainCursor(bytes, 2, 12))).contains("12", "end 12");
        assertThatThrownBy(() -> walk(new PlainCursor(bytes, 2, 11)))
                .isInstanceOf(NotPlainException.class);
    }

    /** Never reads what Jackson does not, nor as anything else. */
    @Test
    void readsRandomAndDamagedJsonLikeJackson() {
        int[] read = new int[2];
        Simulation.run(
                "json",
                50_000,
                (random, number) -> {
                    byte[] bytes = damaged(random, randomJson(random));
                    List<String> plain = null;
                    try {
                        plain = walk(new PlainCursor(bytes, 0, bytes.length));
                    } catch (NotPlainException e) {
                        read[1]++;
                    }
                    if (plain != null) {
                        read[0]++;
                        assertThat(plain)
                                .as(new String(bytes, UTF_8))
                                .isEqualTo(walk(new JacksonCursor(bytes, 0, bytes.length)));
                    }
                });
        if (Long.getLong("tocsin.seed") == null) {
            assertThat(read[0]).as("plain").isGreaterThan(10_000);
            assertThat(read[1]).as("not plain").isGreaterThan(10_000);
        }
    }

    private static void assertNotPlain(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        assertThatThrownBy(() -> walk(new PlainCursor(bytes, 0, bytes.length)))
                .as(json)
                .isInstanceOf(NotPlainException.class);
    }

    /** All that a cursor tells: each known field is taken in the way of its name. */
    private static List<String> walk(JsonCursor json) throws IOException {
        List<String> told = new ArrayList<>();
        if (!json.enterObject()) {
            throw NotPlainException.INSTANCE;
        }
        walkObject(json, told);
        told.add("end " + json.endOffset());
        json.expectEnd();
        return told;
    }

    private static void walkObject(JsonCursor json, List<String> told) throws IOException {
        for (String field = json.nextField(NAMES); field != null; field = json.nextField(NAMES)) {
            told.add(field);
            switch (field) {
                case "string" -> told.add("" + json.string(field));
                case "text" -> told.add("" + json.text(9));
                case "count" -> told.add("" + json.count());
                case "number" -> told.add("" + json.integer());
                case "flag" -> told.add("" + json.isTrue());
                case "array" -> walkArray(json, told);
                case "names" -> walkNames(json, told);
                case "object" -> {
                    int offset = json.valueOffset();
                    if (json.enterObject()) {
                        told.add("at " + offset);
                        walkObject(json, told);
                        told.add("until " + json.endOffset());
                    } else {
                        json.skip();
                    }
                }
                default -> json.skip();
            }
        }
    }

    private static void walkArray(JsonCursor json, List<String> told) throws IOException {
        if (!json.enterArray()) {
            json.skip();
            return;
        }
        while (json.nextElement()) {
            told.add("element at " + json.valueOffset());
            if (json.enterObject()) {
                walkObject(json, told);
            } else {
                walkArray(json, told);
            }
        }
        told.add("array until " + json.endOffset());
    }

    private static void walkNames(JsonCursor json, List<String> told) throws IOException {
        if (!json.enterObject()) {
            json.skip();
            return;
        }
        for (String name = json.nextName(9); name != null; name = json.nextName(9)) {
            told.add(name);
            told.add("" + json.text(9));
        }
    }

    private static byte[] randomJson(Random random) throws IOException {
        byte[] bytes = MAPPER.writeValueAsBytes(randomObject(random, 3));
        return random.nextInt(3) > 0
                ? bytes
                : MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(MAPPER.readTree(bytes));
    }

    private static ObjectNode randomObject(Random random, int depth) {
        ObjectNode object = MAPPER.createObjectNode();
        for (int i = random.nextInt(6); i > 0; i--) {
            String name =
                    random.nextInt(4) > 0
                            ? KNOWN[random.nextInt(KNOWN.length)]
                            : random.nextBoolean() ? "fieldsV1" : "f:" + randomText(random);
            switch (name.equals("string") ? 0 : random.nextInt(depth > 0 ? 8 : 5)) {
                case 0 -> object.put(name, randomText(random));
                case 1 -> object.put(name, random.nextInt() >>> random.nextInt(32));
                case 2 -> object.put(name, random.nextGaussian() * 1e9);
                case 3 -> object.put(name, random.nextBoolean());
                case 4 -> object.putNull(name);
                case 5 -> randomArray(random, object.putArray(name), depth - 1);
                default -> object.set(name, randomObject(random, depth - 1));
            }
        }
        return object;
    }

    private static void randomArray(Random random, ArrayNode array, int depth) {
        for (int i = random.nextInt(4); i > 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> array.add(randomText(random));
                case 1 -> array.add(random.nextLong());
                case 2 -> array.addNull();
                default -> array.add(randomObject(random, depth));
            }
        }
    }

    private static String randomText(Random random) {
        String alphabet = "abcdefghijkXYZ019-.:/{}[], \"\\\n";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(4) > 0 ? 8 : 30); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return random.nextInt(30) > 0 ? text.toString() : text + "ö🔔";
    }

    /** Half of it stays as it was. */
    private static byte[] damaged(Random random, byte[] bytes) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(8)) {
            case 0 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> bytes[at] = (byte) "{}[]\",:\\0u \n".charAt(random.nextInt(12));
            case 3 -> {
                byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
                System.arraycopy(bytes, at + 1, shorter, at, bytes.length - at - 1);
                return shorter;
            }
            default -> {}
        }
        return bytes;
    }
}
