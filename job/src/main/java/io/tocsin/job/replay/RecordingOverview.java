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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a recording holds, after it was read and checked from its first to its last line.
 *
 * @param file the recording
 * @param lines number of lines
 * @param begin when all that was listed at first had been received: where a replay begins
 * @param end when the last line was received
 * @param cutOff whether it ends in the middle of a line
 * @param late number of lines that were received more than a minute before a line above them
 * @param resources number of lines per resource
 * @param clusters names of the clusters; the empty name where lines name none
 * @param coreEvents whether events were recorded in core/v1 terms
 */
public record RecordingOverview(
        Path file,
        long lines,
        Instant begin,
        Instant end,
        boolean cutOff,
        long late,
        SortedMap<String, Long> resources,
        Set<String> clusters,
        boolean coreEvents) {

    /** Name of the cluster where lines name none. */
    static final String UNNAMED = "recording";

    /** What is listed later than this after the first line was not listed at first. */
    private static final Duration FIRST_LISTS = Duration.ofMinutes(1);

    /** Recorders of several watches do not write in quite the order in which they receive. */
    private static final Duration MOST_DISORDER = Duration.ofMinutes(1);

    /**
     * Reads a recording to its end.
     *
     * @throws RecordingException if it is missing, damaged or empty; names file and line
     */
    public static RecordingOverview of(Path file) throws RecordingException {
        SortedMap<String, Long> resources = new TreeMap<>();
        Set<String> clusters = new TreeSet<>();
        Map<String, Boolean> inFirstList = new HashMap<>();
        Instant first = null;
        Instant begin = null;
        Instant end = null;
        boolean core = false;
        boolean cutOff;
        long lines = 0;
        long late = 0;
        try (RecordingReader reader = new RecordingReader(file)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                lines++;
                check(entry, reader);
                Instant at = entry.received();
                if (first == null || at.isBefore(first)) {
                    first = at;
                    begin = begin == null ? at : begin;
                }
                end = end == null || at.isAfter(end) ? at : end;
                late += at.isBefore(end.minus(MOST_DISORDER)) ? 1 : 0;
                resources.merge(entry.resource(), 1L, Long::sum);
                clusters.add(cluster(entry));
                String list = cluster(entry) + "/" + entry.resource();
                boolean listed = inFirstList.getOrDefault(list, true) && entry.list();
                inFirstList.put(list, listed);
                if (listed && at.isAfter(begin) && !at.isAfter(first.plus(FIRST_LISTS))) {
                    begin = at;
                }
                core |= entry.resource().equals("events") && isCore(entry.object());
            }
            cutOff = reader.isCutOff();
        } catch (RecordingException e) {
            throw e;
        } catch (IOException e) {
            throw new RecordingException(file + " cannot be read: " + e, e);
        }
        checkNames(file, clusters);
        if (lines == 0) {
            throw new RecordingException(
                    file + " holds no line; expected a recording, as ./tocsin record makes it");
        }
        return new RecordingOverview(
                file, lines, begin, end, cutOff, late, resources, clusters, core);
    }

    /** How long it lasts. */
    public Duration length() {
        return Duration.between(begin, end);
    }

    /** Names become parts of keys and of a kubeconfig. */
    private static void checkNames(Path file, Set<String> clusters) throws RecordingException {
        for (String name : clusters) {
            if (name.codePoints().anyMatch(c -> c == '/' || c == '"' || c == '\\' || c < ' ')) {
                throw new RecordingException(
                        file
                                + ": cluster is \""
                                + name.replaceAll("\\p{Cntrl}", "?")
                                + "\"; expected a name without slashes, quotes and control characters");
            }
        }
        if (clusters.contains("") && clusters.contains(UNNAMED)) {
            throw new RecordingException(
                    file
                            + ": some lines name no cluster, and others the cluster \""
                            + UNNAMED
                            + "\", which stands for those; name that one otherwise");
        }
    }

    static String cluster(Entry entry) {
        return entry.cluster() == null ? "" : entry.cluster();
    }

    private static void check(Entry entry, RecordingReader reader) throws RecordingException {
        if (entry.type().equals("ERROR")) {
            return;
        }
        try {
            RecordedObject object = RecordedObject.of(entry.object());
            if (object.name().isEmpty() && !entry.type().equals("BOOKMARK")) {
                throw reader.wrong("line.object.metadata.name is missing", null);
            }
        } catch (RecordingException e) {
            throw e;
        } catch (IOException e) {
            throw reader.wrong(e.getMessage(), e);
        }
    }

    /**
     * Events have a regarding in events.k8s.io/v1 only, and always an involvedObject in core/v1.
     */
    private static boolean isCore(byte[] event) {
        return new String(event, StandardCharsets.UTF_8).contains("\"involvedObject\":");
    }
}
