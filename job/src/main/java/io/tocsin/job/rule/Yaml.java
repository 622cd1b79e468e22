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

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML document whose nodes know their lines, which a data binder would have forgotten. */
sealed interface Yaml {

    /** Line of the node, from 1. */
    int line();

    /** Column of the node, from 1. */
    int column();

    /** What the node is, for messages. */
    String describe();

    record Scalar(String text, int line, int column) implements Yaml {
        @Override
        public String describe() {
            return text == null ? "nothing" : "\"" + text + "\"";
        }
    }

    record Items(List<Yaml> items, int line, int column) implements Yaml {
        @Override
        public String describe() {
            return "a list";
        }
    }

    record Mapping(Map<String, Entry> entries, int line, int column) implements Yaml {
        /** The value of a key, or null. */
        Yaml get(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value();
        }

        @Override
        public String describe() {
            return "a mapping";
        }
    }

    record Entry(Yaml value, int line) {}

    /** Is told of what is wrong, with the line. */
    interface Errors {
        void add(int line, String message);
    }

    /** Reads all documents of a text; errors of syntax end the reading. */
    static List<Yaml> read(String text, Errors errors) {
        List<Yaml> documents = new ArrayList<>();
        try (YAMLParser parser = new YAMLFactory().createParser(text)) {
            while (parser.nextToken() != null) {
                documents.add(node(parser, errors));
            }
        } catch (JsonProcessingException e) {
            JsonLocation location = e.getLocation();
            String reason = e.getOriginalMessage().lines().findFirst().orElse("");
            errors.add(
                    location == null ? 1 : location.getLineNr(),
                    "syntax: got " + reason + ", expected YAML");
        } catch (IOException e) {
            throw new IllegalStateException("Reading a text in memory failed.", e);
        }
        return documents;
    }

    private static Yaml node(YAMLParser parser, Errors errors) throws IOException {
        JsonLocation at = parser.currentTokenLocation();
        int line = at.getLineNr();
        int column = at.getColumnNr();
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_ARRAY) {
            List<Yaml> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(node(parser, errors));
            }
            return new Items(items, line, column);
        }
        if (token == JsonToken.START_OBJECT) {
            Map<String, Entry> entries = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                int keyLine = parser.currentTokenLocation().getLineNr();
                parser.nextToken();
                Yaml value = node(parser, errors);
                Entry before = entries.putIfAbsent(name, new Entry(value, keyLine));
                if (before != null) {
                    errors.add(
                            keyLine,
                            name
                                    + ": got it twice, expected it once (first at line "
                                    + before.line()
                                    + ")");
                }
            }
            return new Mapping(entries, line, column);
        }
        return new Scalar(token == JsonToken.VALUE_NULL ? null : parser.getText(), line, column);
    }
}
