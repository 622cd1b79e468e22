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
package io.tocsin.job.occurrence;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.model.Occurrence;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.object.ContainerState;
import io.tocsin.source.object.ObjectDeserializer;
import io.tocsin.source.object.ObjectRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The pods and the node of 27 minutes of a real cluster (Kubernetes 1.34.4), of which failures were
 * made on purpose, beside harmless changes that look like failures.
 */
class RecordedStatesTest {

    private static final List<Occurrence> TOLD = new ArrayList<>();

    /** How often containers ended, as the last version of their pod tells; by pod. */
    private static final Map<String, Long> ENDS = new HashMap<>();

    @BeforeAll
    static void play() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        ObjectDeserializer deserializer = new ObjectDeserializer();
        Path file =
                Path.of(System.getProperty("tocsin.root", ".."))
                        .resolve("recordings/one-bad-afternoon.jsonl.gz");
        KeyedOneInputStreamOperatorTestHarness<String, ObjectRecord, Occurrence> harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new ObjectStateFunction(List.of())),
                        ObjectStateFunction::key,
                        Types.STRING);
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            harness.open();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode entry = mapper.readTree(line);
                String resource = entry.path("resource").asText();
                String type = entry.path("line").path("type").asText();
                if (resource.equals("events") || type.equals("BOOKMARK")) {
                    continue;
                }
                ObjectRecord record =
                        deserializer.deserialize(
                                record(entry, type, mapper.writeValueAsBytes(object(entry))));
                harness.processElement(
                        record, Instant.parse(entry.path("t").asText()).toEpochMilli());
                ENDS.put(record.object().uid(), ends(record));
            }
            TOLD.addAll(harness.extractOutputValues());
        } finally {
            harness.close();
        }
    }

    @Test
    void findsWhatNoEventTells() {
        assertThat(reasons("search")).contains("OOMKilled", "CrashLoopBackOff");
        assertThat(reasons("shop")).contains("Error", "CrashLoopBackOff");
        assertThat(reasons("billing")).contains("Error", "CrashLoopBackOff");
        assertThat(reasons("auth")).contains("CreateContainerConfigError");
        assertThat(reasons("media")).contains("ErrImagePull", "ImagePullBackOff");
        assertThat(reasons("etl")).contains("Error", "Failed");
        assertThat(reasons("sessions")).contains("NotReady");
        assertThat(
                        TOLD.stream()
                                .filter(each -> each.reason().equals("OOMKilled"))
                                .map(Occurrence::exitCode))
                .isNotEmpty()
                .containsOnly("137");
    }

    /** Rollouts, late images and slow starts change the state of pods, too. */
    @Test
    void harmlessChangesTellNoEndOfAContainer() {
        for (String namespace : List.of("web", "docs", "profile", "chat")) {
            assertThat(TOLD)
                    .filteredOn(each -> namespace.equals(each.namespace()))
                    .filteredOn(each -> each.type().equals("Warning") && each.exitCode() != null)
                    .as(namespace)
                    .isEmpty();
        }
    }

    @Test
    void tellsEachEndOfAContainerOnce() {
        Map<String, Long> told =
                TOLD.stream()
                        .filter(each -> each.exitCode() != null || each.reason().equals("Unknown"))
                        .collect(
                                Collectors.groupingBy(
                                        Occurrence::uid,
                                        Collectors.summingLong(Occurrence::weight)));
        ENDS.values().removeIf(ends -> ends == 0);
        assertThat(told).isEqualTo(ENDS).hasSizeGreaterThan(20);
    }

    @Test
    void tellsTheNodeThatWasLost() {
        List<String> node =
                TOLD.stream()
                        .filter(each -> each.resource().equals("nodes"))
                        .map(each -> each.reason() + " " + Instant.ofEpochMilli(each.toMillis()))
                        .toList();

        assertThat(node)
                .contains("NotReady 2026-11-21T02:28:02Z")
                .filteredOn(each -> !each.startsWith("No") || each.startsWith("NotReady"))
                .hasSize(2);
        assertThat(node.get(1)).startsWith("Ready ");
        assertThat(node).as("%s", node).hasSize(5);
    }

    @Test
    void namesTheWorkload() {
        assertThat(
                        TOLD.stream()
                                .filter(each -> each.reason().equals("OOMKilled"))
                                .map(Occurrence::owner))
                .containsOnly("Deployment/indexer");
        Map<String, Set<String>> owners = new TreeMap<>();
        for (Occurrence each : TOLD) {
            String byName = Owners.byName(each.regarding().kind(), each.regarding().name());
            if (byName != null && !byName.startsWith("Workload/")) {
                owners.computeIfAbsent(byName, unused -> new TreeSet<>()).add("" + each.owner());
            }
        }
        assertThat(owners)
                .as("by name as by what the pod says")
                .allSatisfy((byName, said) -> assertThat(said).containsExactly(byName));
    }

    @Test
    void noTimeLiesBehindThatOfItsRecord() {
        assertThat(TOLD)
                .hasSizeGreaterThan(100)
                .allSatisfy(
                        each -> {
                            assertThat(each.toMillis()).isPositive();
                            assertThat(each.fromMillis()).isLessThanOrEqualTo(each.toMillis());
                        });
    }

    private static Set<String> reasons(String namespace) {
        return TOLD.stream()
                .filter(each -> namespace.equals(each.namespace()))
                .map(Occurrence::reason)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static long ends(ObjectRecord record) {
        long ends = 0;
        for (ContainerState each : record.object().containers()) {
            boolean down =
                    each.runningMillis() == 0 && (each.end() != null || each.lastEnd() != null);
            ends += each.restarts() + (down ? 1 : 0);
        }
        return ends;
    }

    private static JsonNode object(JsonNode entry) throws IOException {
        return entry.path("line").path("object");
    }

    private static KubernetesRecord record(JsonNode entry, String type, byte[] object) {
        JsonNode metadata = entry.path("line").path("object").path("metadata");
        return new KubernetesRecord(
                type.equals("DELETED") ? Kind.DELETED : Kind.UPSERTED,
                entry.path("list").asBoolean() ? Origin.LISTED : Origin.WATCH,
                "recorded",
                entry.path("resource").asText(),
                "*",
                0,
                metadata.path("namespace").textValue(),
                metadata.path("name").asText(),
                metadata.path("uid").asText(),
                metadata.path("resourceVersion").asText(),
                object,
                0,
                0,
                null);
    }
}
