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
package io.tocsin.sink.webhook;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a confidential value (a URL, a token) comes from. The value itself is looked up for each
 * attempt, so that a rotated file is used by the next one, and never appears in {@link #toString},
 * logs, or checkpoints. An inline value does travel inside the job graph.
 */
public final class Secret implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Where a secret may come from. */
    private enum Origin {
        INLINE,
        ENVIRONMENT,
        FILE
    }

    private final Origin origin;

    /** The value itself, the variable's name, or the file's path. */
    private final String text;

    private Secret(Origin origin, String text) {
        this.origin = origin;
        this.text = Objects.requireNonNull(text, "a secret needs a value, a variable or a file");
    }

    /** The value as given. */
    public static Secret inline(String value) {
        return new Secret(Origin.INLINE, value);
    }

    /** The value of an environment variable of the process that sends. */
    public static Secret env(String variable) {
        return new Secret(Origin.ENVIRONMENT, variable);
    }

    /** The text of a file on the machine that sends, without surrounding white space. */
    public static Secret file(String path) {
        return new Secret(Origin.FILE, path);
    }

    /**
     * The value, now. May block on the file system: not for the task thread.
     *
     * @throws IOException naming variable or file, never a value; worth a retry, since rotation may
     *     bring it back
     */
    String resolve() throws IOException {
        String value =
                switch (origin) {
                    case INLINE -> text;
                    case ENVIRONMENT -> System.getenv(text);
                    case FILE -> read();
                };
        if (value == null || value.isBlank()) {
            throw new IOException(this + " is not set or empty: give it the receiver's value");
        }
        return value.strip();
    }

    private String read() throws IOException {
        try {
            return Files.readString(Path.of(text), StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException e) {
            // A decoding error may quote what it read, so the cause stays out.
            throw new IOException(
                    this
                            + " cannot be read ("
                            + e.getClass().getSimpleName()
                            + "): expected a readable text file");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && origin == that.origin && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(origin, text);
    }

    /** Names the place, never the value. */
    @Override
    public String toString() {
        return switch (origin) {
            case INLINE -> "inline value";
            case ENVIRONMENT -> "environment variable " + text;
            case FILE -> "file " + text;
        };
    }
}
