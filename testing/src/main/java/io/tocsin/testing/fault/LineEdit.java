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
package io.tocsin.testing.fault;

import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * What happens at one line of a body; given to {@link Rule#line} or {@link Rule#lines}. Several at
 * one line take effect in the order in which they were told: a line that is changed and then split
 * arrives changed and in pieces.
 *
 * @param bytes for a break: bytes of the line that still get through; for a split: size of a piece
 * @param text for an insertion or replacement: what is said in place of the line, without its end
 * @param meanwhile what the test does before the line arrives, or null
 */
public record LineEdit(
        Fault fault, int bytes, UnaryOperator<String> text, Duration delay, Runnable meanwhile) {

    private LineEdit(Fault fault, int bytes, UnaryOperator<String> text, Duration delay) {
        this(fault, bytes, text, delay, null);
    }

    /** The line does not arrive. */
    public static LineEdit drop() {
        return new LineEdit(Fault.DROP_LINE, 0, null, null);
    }

    /** Another line arrives in its place. */
    public static LineEdit replace(String with) {
        return new LineEdit(Fault.REPLACE_LINE, 0, line -> with, null);
    }

    /** The line arrives changed. */
    public static LineEdit change(UnaryOperator<String> change) {
        return new LineEdit(Fault.REPLACE_LINE, 0, change, null);
    }

    /** A line arrives before it. */
    public static LineEdit insert(String line) {
        return new LineEdit(Fault.INSERT_LINE, 0, next -> line, null);
    }

    /** The line arrives in pieces of so many bytes, each in a chunk of its own. */
    public static LineEdit split(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "A piece of " + bytes + " bytes; expected 1 or more");
        }
        return new LineEdit(Fault.SPLIT, bytes, null, null);
    }

    /** The line arrives later. */
    public static LineEdit delay(Duration delay) {
        return new LineEdit(Fault.DELAY, 0, null, delay);
    }

    /** Before the line arrives this is done, by a thread of the proxy. */
    public static LineEdit meanwhile(Runnable action) {
        return new LineEdit(Fault.MEANWHILE, 0, null, null, action);
    }

    /**
     * After so many bytes of the line the connection is reset; before it is, the client's side has
     * received them all.
     */
    public static LineEdit resetAfter(int bytes) {
        return new LineEdit(Fault.RESET, bytes, null, null);
    }

    /** After so many bytes of the line the connection is closed, the body unfinished. */
    public static LineEdit closeAfter(int bytes) {
        return new LineEdit(Fault.CLOSE, bytes, null, null);
    }

    /** After so many bytes of the line nothing more is said; the connection stays open. */
    public static LineEdit silenceAfter(int bytes) {
        return new LineEdit(Fault.SILENCE, bytes, null, null);
    }

    /** The body ends properly before the line, as a server ends a watch. */
    public static LineEdit end() {
        return new LineEdit(Fault.END, 0, null, null);
    }
}
