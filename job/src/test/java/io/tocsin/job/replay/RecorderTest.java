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

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.api.Signal;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecorderTest {

    private static final Signal CLOSED =
            new Signal.Closed(Signal.Closed.Cause.CLEAN, 0, 0, "closed at once");

    @TempDir private Path folder;

    private final List<String> calls = new CopyOnWriteArrayList<>();

    @Test
    void pausesAndListsWhereWatchesEndAtOnce() throws Exception {
        record((number, handler) -> handler.on(CLOSED), () -> count("list") >= 3);
        assertThat(calls.subList(0, 7))
                .containsExactly("list", "watch", "watch", "list", "watch", "watch", "list");
    }

    @Test
    void pausesLongerEachTimeWhereEveryWatchIsTooOld() throws Exception {
        long begin = System.nanoTime();
        record(
                (number, handler) -> handler.on(new Signal.Expired(true, null, "too old")),
                () -> count("list") >= 4);
        long fewest = 400 + 800 + 1_600;
        assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(fewest * 1_000_000);
    }

    @Test
    void givesACutLineASecondChance() throws Exception {
        Path file =
                record(
                        (number, handler) -> {
                            if (number == 1) {
                                handler.on(new Signal.Malformed(new byte[] {1}, "cut"));
                                handler.on(object("after", "9"));
                            } else if (number == 2) {
                                handler.on(object("cut", "8"));
                                handler.on(object("after", "9"));
                            }
                            handler.on(CLOSED);
                        },
                        () -> count("watch") >= 3);
        String lines;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(lines.lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"name\":\"cut\""),
                        line -> assertThat(line).contains("\"name\":\"after\""));
    }

    private static Signal object(String name, String version) {
        String json = "{\"metadata\":{\"name\":\"" + name + "\"}}";
        return new Signal.Upserted(
                new ObjectVersion(
                        "ns", name, "u-" + name, version, json.getBytes(StandardCharsets.UTF_8)));
    }

    private long count(String call) {
        return calls.stream().filter(call::equals).count();
    }

    private interface Watch {
        void run(int number, ResourceApi.Handler handler) throws InterruptedException;
    }

    private Path record(Watch watch, BooleanSupplier enough) throws Exception {
        Path file = folder.resolve("r.jsonl.gz");
        try (Recording.Writer writer = new Recording.Writer(file)) {
            Recorder recorder = new Recorder(new Api(watch), writer, null, "events");
            Thread thread = new Thread(recorder, "recorder");
            thread.start();
            await().atMost(Duration.ofSeconds(40)).until(enough::getAsBoolean);
            recorder.close();
            thread.join();
            assertThat(recorder.failure()).isNull();
        }
        return file;
    }

    private final class Api implements ResourceApi {
        private final Watch watch;
        private int watches;

        Api(Watch watch) {
            this.watch = watch;
        }

        @Override
        public void list(int limit, String continueToken, String exactVersion, Handler handler)
                throws InterruptedException {
            calls.add("list");
            handler.on(new Signal.Page("7", null, 0, 0, true, null, null));
        }

        @Override
        public void watch(String resourceVersion, Duration timeout, Handler handler)
                throws InterruptedException {
            calls.add("watch");
            watch.run(++watches, handler);
        }

        @Override
        public void probe(String resourceVersion, Handler handler) {
            throw new UnsupportedOperationException("a recorder does not probe");
        }

        @Override
        public void look(String namespace, String name, Handler handler) {
            throw new UnsupportedOperationException("a recorder does not look");
        }

        @Override
        public void cancel() {
            // answers at once
        }

        @Override
        public void reloadCredentials() {
            // has none
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
