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
package io.tocsin.job.replay;

import io.tocsin.job.replay.Recording.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/** Small recordings for tests, which begin at {@link #BEGIN}. */
final class Recordings {
    static final Instant BEGIN = Instant.parse("2026-03-04T10:00:00Z");

    private Recordings() {}

    /** An event's object; its note tells its name and version. */
    static String event(String namespace, String name, int version) {
        return """
                {"metadata":{"namespace":"%s","name":"%s","uid":"u-%s","resourceVersion":"%d",\
                "creationTimestamp":"2026-03-04T10:00:00Z"},"regarding":{"kind":"Pod"},\
                "note":"%s at %d"}"""
                .formatted(namespace, name, name, version, name, version);
    }

    static Entry listed(double second, String namespace, String name, int version) {
        return entry(second, "events", true, "ADDED", event(namespace, name, version));
    }

    static Entry told(double second, String type, String namespace, String name, int version) {
        return entry(second, "events", false, type, event(namespace, name, version));
    }

    static Entry bookmark(double second, int version) {
        return entry(
                second,
                "events",
                false,
                "BOOKMARK",
                "{\"metadata\":{\"resourceVersion\":\"" + version + "\"}}");
    }

    static Entry entry(double second, String resource, boolean list, String type, String object) {
        return new Entry(
                BEGIN.plusMillis((long) (second * 1000)),
                null,
                resource,
                list,
                type,
                object.getBytes(StandardCharsets.UTF_8));
    }

    static Path write(Path file, Entry... entries) {
        try (Recording.Writer writer = new Recording.Writer(file)) {
            for (Entry entry : entries) {
                writer.write(entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }
}
