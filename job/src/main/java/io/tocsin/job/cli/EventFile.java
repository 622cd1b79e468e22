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
package io.tocsin.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.occurrence.OccurrenceFunction;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads events of a file: single ones or a list, as kubectl prints them, or lines of a recording.
 * What is told of an event is what it tells if it is seen for the first time.
 */
final class EventFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CLUSTER = "cluster";

    private EventFile() {}

    /**
     * The events of a file, in its order; objects of other kinds are left out.
     *
     * @param file a file, or {@code -} for standard input
     * @throws UsageException if it cannot be read, or holds no event
     */
    static List<Occurrence> read(Path file, InputStream standardInput) {
        boolean standard = file.toString().equals(RuleFiles.STANDARD_INPUT);
        List<Occurrence> found = new ArrayList<>();
        try (InputStream in = plain(standard ? standardInput : Files.newInputStream(file));
                MappingIterator<JsonNode> documents =
                        JSON.readerFor(JsonNode.class).readValues(in)) {
            while (documents.hasNextValue()) {
                add(documents.nextValue(), found);
            }
        } catch (NoSuchFileException e) {
            throw new UsageException("--event: " + file + " does not exist.");
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    "--event: "
                            + file
                            + " is no JSON: "
                            + e.getOriginalMessage()
                            + " at line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()));
        } catch (IOException e) {
            throw new UsageException("--event: " + file + " cannot be read: " + e);
        }
        if (found.isEmpty()) {
            throw new UsageException(
                    "--event: "
                            + file
                            + " holds no event; expected what kubectl get events -o json prints, or"
                            + " a recording.");
        }
        return found;
    }

    private static InputStream plain(InputStream raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw);
        in.mark(2);
        boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return gzip ? new GZIPInputStream(in) : in;
    }

    private static void add(JsonNode document, List<Occurrence> found) throws IOException {
        if (document.has("line")) {
            if (document.path("resource").asText().equals("events")) {
                event(document.path("line").path("object"), found);
            }
        } else if (document.path("items").isArray()) {
            for (JsonNode item : document.path("items")) {
                event(item, found);
            }
        } else {
            event(document, found);
        }
    }

    private static void event(JsonNode object, List<Occurrence> found) throws IOException {
        boolean event = object.path("kind").asText("Event").equals("Event");
        if (!object.isObject() || !event || !object.has("reason")) {
            return;
        }
        JsonNode metadata = object.path("metadata");
        EventRecord record =
                new EventDeserializer()
                        .deserialize(
                                new KubernetesRecord(
                                        KubernetesRecord.Kind.UPSERTED,
                                        KubernetesRecord.Origin.WATCH,
                                        CLUSTER,
                                        Occurrence.EVENTS,
                                        "*",
                                        1,
                                        metadata.path("namespace").asText(null),
                                        metadata.path("name").asText(null),
                                        metadata.path("uid").asText(null),
                                        metadata.path("resourceVersion").asText(null),
                                        JSON.writeValueAsBytes(object),
                                        0,
                                        0,
                                        null));
        found.add(OccurrenceFunction.firstSight(record));
    }
}
