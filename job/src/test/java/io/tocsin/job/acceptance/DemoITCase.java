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
package io.tocsin.job.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.replay.Recording;
import io.tocsin.job.replay.RecordingReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tocsin demo} as a user runs it: the real source on a recording served over HTTP. */
class DemoITCase {
    private static final Path RECORDING = Path.of("../recordings/one-bad-afternoon.jsonl.gz");
    private static final String POD = "indexer-7644c754f-8cldv";

    @TempDir private Path folder;
    private Process process;

    @AfterEach
    void endsTheProcess() {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    private void start(String... arguments) throws Exception {
        process = demo(arguments).redirectOutput(folder.resolve("out").toFile()).start();
    }

    private ProcessBuilder demo(String... arguments) throws Exception {
        List<String> command = TocsinProcess.command(List.of("demo"));
        command.add(command.indexOf("-cp"), "-Dtocsin.log=warn"); // as the launcher does
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        // A proxy that answers nobody: nothing of a demo leaves this machine.
        builder.environment().put("HTTP_PROXY", "http://127.0.0.1:1");
        builder.environment().put("HTTPS_PROXY", "http://127.0.0.1:1");
        return builder.redirectError(folder.resolve("err").toFile());
    }

    private int end() throws Exception {
        assertThat(process.waitFor(4, TimeUnit.MINUTES)).as(out() + err()).isTrue();
        return process.exitValue();
    }

    private String out() throws Exception {
        return Files.readString(folder.resolve("out"));
    }

    private String err() throws Exception {
        return Files.readString(folder.resolve("err"));
    }

    @Test
    void tellsTheStoryOfARealIncident() throws Exception {
        start("--duration", "20s");

        assertThat(end()).as(out() + err()).isZero();

        assertThat(out())
                .contains("27m 25s of a real cluster, from 2026-11-21 02:11:42 UTC on")
                .containsPattern("FIRING +ContainerBackOff +Container in shop/checkout-")
                .containsPattern("FIRING +JobFailed +Job etl/nightly-load failed")
                // Absence, on the server's clock: three minutes after 02:13:24.
                .containsPattern("02:16:2\\d +\\+4:4\\d  FIRING +PodUnschedulable +Pod ml/trainer-")
                .containsPattern("RESOLVED +PodUnschedulable +ml/trainer-\\S+ after 6m")
                .containsPattern("\\d+ alerts rang: \\d+ resolved, \\d+ still firing")
                .containsPattern("web/web +NodeNotReady ×5, Unhealthy ×86")
                .containsPattern("research/simulation-b .*Scheduled came within 3m")
                // The node was not ready for a while: until 16 minutes after that, silence says
                // nothing.
                .doesNotContainPattern("RESOLVED +ContainerBackOff")
                .doesNotContain("stopped before the end");
        assertThat(err()).isEmpty();
    }

    @Test
    void withoutOnePodsLinesItRingsExactlyWithoutThatPod() throws Exception {
        Path copy = folder.resolve("copy.jsonl.gz");
        long left = 0;
        try (RecordingReader reader = new RecordingReader(RECORDING);
                Recording.Writer writer = new Recording.Writer(copy)) {
            for (var entry = reader.next(); entry != null; entry = reader.next()) {
                if (new String(entry.object(), StandardCharsets.UTF_8).contains(POD)) {
                    left++;
                } else {
                    writer.write(entry);
                }
            }
        }
        assertThat(left).isGreaterThan(20);

        Set<String> all = rung(RECORDING);
        Set<String> without = rung(copy);

        assertThat(all).contains("ContainerBackOff search/" + POD);
        all.remove("ContainerBackOff search/" + POD);
        assertThat(without).isEqualTo(all);
    }

    /**
     * Rule and object of each alert that rang. Left out is a pod that was unscheduled for some
     * milliseconds, between two lines: whether that rings depends on the machine.
     */
    private Set<String> rung(Path recording) throws Exception {
        start("--duration", "20s", "--recording", recording.toString());
        assertThat(end()).as(out() + err()).isZero();
        assertThat(out()).doesNotContain("stopped before the end");
        Set<String> rung = new TreeSet<>();
        Matcher line =
                Pattern.compile(" FIRING +(\\S+) .*?([a-z0-9-]+/[a-z0-9.-]+)").matcher(out());
        while (line.find()) {
            if (!line.group(2).startsWith("batch/nightly-")) {
                rung.add(line.group(1) + " " + line.group(2));
            }
        }
        return rung;
    }

    @Test
    void endsWhenNobodyReadsAnyMore() throws Exception {
        ProcessBuilder head =
                new ProcessBuilder("head", "-n", "3")
                        .redirectOutput(folder.resolve("out").toFile());
        // Its first alert comes within a minute, its end long after this test has lost patience.
        process = ProcessBuilder.startPipeline(List.of(demo("--duration", "5m"), head)).get(0);

        assertThat(end()).as(err()).isZero();
        assertThat(out()).startsWith("Playing ").hasLineCount(3);
        assertThat(err()).isEmpty();
    }

    @Test
    void ctrlCEndsItWithASummary() throws Exception {
        start("--duration", "5m");
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> out().contains("FIRING") || !process.isAlive());

        TocsinProcess.interrupt(process);

        assertThat(end()).as(err()).isZero();
        assertThat(out())
                .contains("(stopped before the end of the recording)")
                .contains("alerts rang");
    }
}
