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

import java.io.IOException;

/**
 * Goes through one JSON object of the API, field by field, forwards. Whoever reads says which names
 * it knows, and takes or skips every value.
 *
 * <p>At any time there is a current value: at first the root, then that of the field that {@link
 * #nextField} found. All methods fail with an IOException on what is no JSON, as soon as they see
 * it. Not thread-safe.
 */
public interface JsonCursor {

    /**
     * Goes into the current value if it is an object.
     *
     * @return false if it is none; it stays the current value
     */
    boolean enterObject() throws IOException;

    /**
     * Moves to the next field of the object it is in; the value before must have been taken.
     *
     * @return its name, {@link FieldNames#OTHER} for one that is not among these, or null at the
     *     end of the object, which is then left
     */
    String nextField(FieldNames names) throws IOException;

    /**
     * Moves to the next field of the object it is in, as {@link #nextField} does, where any name
     * matters.
     *
     * @return its name, cut between characters at a number of chars, or null at the end
     */
    String nextName(int bound) throws IOException;

    /**
     * Goes into the current value if it is an array.
     *
     * @return false if it is none; it stays the current value
     */
    boolean enterArray() throws IOException;

    /**
     * Moves to the next element of the array it is in; the value before must have been taken.
     *
     * @return false at the end of the array, which is then left
     */
    boolean nextElement() throws IOException;

    /** Takes the current value, whatever it is. */
    void skip() throws IOException;

    /**
     * Takes a string; null for the JSON null.
     *
     * @param field what to call it in an error
     * @throws IOException if it is neither
     */
    String string(String field) throws IOException;

    /**
     * Takes a string, cut between characters at a number of chars. Null for what is no string, and
     * for an empty one.
     */
    String text(int bound) throws IOException;

    /** Whether the text taken last was written in printable ASCII without escapes. */
    boolean isPlainText();

    /** Takes a number: 0 for what is no integer or negative, cut at the largest int32. */
    long count() throws IOException;

    /** Takes a number: 0 for what is no integer, cut at the bounds of int32. */
    long integer() throws IOException;

    /** Takes a value; false for all but the JSON true. */
    boolean isTrue() throws IOException;

    /** Offset of the current value within what is read. */
    int valueOffset() throws IOException;

    /** Offset behind what was taken last. */
    int endOffset();

    /** Fails if anything but white space follows the root. */
    void expectEnd() throws IOException;
}
