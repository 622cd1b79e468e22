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
package io.tocsin.source.event;

import io.tocsin.annotation.StateType;
import io.tocsin.source.json.JsonCursor;
import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Texts;
import io.tocsin.source.pack.Unpacker;
import java.io.IOException;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Labels of an object, sorted by name: no more than {@value #MOST} are kept, names and values cut
 * at {@value #CHARS} chars.
 *
 * @param names sorted, without repetition
 * @param values the value of each name, at the same index
 */
@StateType
public record ObjectLabels(String[] names, String[] values) {

    /** No labels. */
    public static final ObjectLabels NONE = new ObjectLabels(new String[0], new String[0]);

    static final int MOST = 64;
    static final int CHARS = 256;

    /** Takes the value of {@code metadata.labels}; none where it is no object. */
    public static ObjectLabels read(JsonCursor json) throws IOException {
        if (!json.enterObject()) {
            json.skip();
            return NONE;
        }
        TreeMap<String, String> labels = new TreeMap<>();
        for (String name = json.nextName(CHARS); name != null; name = json.nextName(CHARS)) {
            if (labels.size() == MOST) {
                json.skip();
                continue;
            }
            String value = json.text(CHARS);
            labels.put(Texts.clean(name), value == null ? "" : Texts.clean(value));
        }
        return labels.isEmpty()
                ? NONE
                : new ObjectLabels(
                        labels.keySet().toArray(String[]::new),
                        labels.values().toArray(String[]::new));
    }

    /** Writes them. */
    public void pack(Packer to) {
        to.texts(names);
        to.texts(values);
    }

    /** Reads what {@link #pack} wrote. */
    public static ObjectLabels unpack(Unpacker from) {
        String[] names = from.names();
        String[] values = from.names();
        return names == null || names.length == 0 ? NONE : new ObjectLabels(names, values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectLabels that
                && Arrays.equals(names, that.names)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(names) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(names) + "=" + Arrays.toString(values);
    }
}
