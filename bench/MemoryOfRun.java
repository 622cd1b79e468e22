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
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.PodEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Measures {@code ./tocsin run}: see bench/memory. */
public final class MemoryOfRun {
    private static final int BUDGET_MEBIBYTES = 512;
    private static final int EVENTS_PER_SECOND = 100;
    private static final int WRITERS = 4;

    /** When each event was acknowledged by the server, by name. */
    private static final Map<String, Long> WRITTEN = new ConcurrentHashMap<>();

    /** When the line of each event was read, by name. */
    private static final Map<String, Long> TOLD = new ConcurrentHashMap<>();

    private static final AtomicInteger REPEATED = new AtomicInteger();

    private MemoryOfRun() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        int quietSeconds = Integer.parseInt(arguments[2]);
        int busySeconds = Integer.parseInt(arguments[3]);
        Path log = folder.resolve("log");
        boolean healthy;
        try (KubeControlPlane plane = KubeControlPlane.start()) {
            plane.rest().createNamespace("bench");
            Process tocsin =
                    new ProcessBuilder(
                                    arguments[0],
                                    "run",
                                    "--kubeconfig",
                                    plane.kubeconfig().toString(),
                                    "--state",
                                    folder.resolve("state").toString(),
                                    "--output",
                                    "json",
                                    "--events")
                            .redirectError(log.toFile())
                            .start();
            try {
                Thread reader = new Thread(() -> read(tocsin), "reader");
                reader.setDaemon(true);
                reader.start();
                healthy = measure(plane, tocsin, quietSeconds, busySeconds);
                if (!healthy) {
                    System.out.println(Files.readString(log));
                }
            } finally {
                // The launcher has become Tocsin itself: there is no other process.
                tocsin.destroy();
                if (!tocsin.waitFor(60, TimeUnit.SECONDS)) {
                    tocsin.destroyForcibly();
                }
            }
        }
        System.exit(healthy ? 0 : 1);
    }

    private static boolean measure(KubeControlPlane plane, Process tocsin, int quiet, int busy)
            throws Exception {
        ClusterFixtures cluster = new ClusterFixtures(plane.rest());
        create(cluster, "first");
        if (!awaitTold(tocsin, 120)) {
            System.out.println("bench/memory: Tocsin told nothing of the first event in 120 s");
            return false;
        }
        long quietRss = 0;
        for (int second = 0; second < quiet; second++) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            quietRss = Math.max(quietRss, memory(tocsin, "VmRSS"));
        }
        System.out.printf(
                "quiet for %d s: RSS %d MB at most, %d MB in the end; budget %d MB%n",
                quiet, quietRss, memory(tocsin, "VmRSS"), BUDGET_MEBIBYTES);

        long begin = System.nanoTime();
        int events = write(cluster, busy);
        double seconds = (System.nanoTime() - begin) / 1e9;
        boolean all = awaitTold(tocsin, 60);
        long[] delays =
                TOLD.entrySet().stream()
                        .filter(told -> !told.getKey().equals("first"))
                        .mapToLong(told -> told.getValue() - WRITTEN.get(told.getKey()))
                        .sorted()
                        .toArray();
        int lost = WRITTEN.size() - TOLD.size();
        System.out.printf(
                "%.0f events/s for %.0f s: RSS %d MB at most since the start, lost %d, repeated %d,"
                        + " written to told p50 %d ms, p99 %d ms, %s%n",
                events / seconds,
                seconds,
                memory(tocsin, "VmHWM"),
                lost,
                REPEATED.get(),
                percentile(delays, 50),
                percentile(delays, 99),
                tocsin.isAlive() ? "still running" : "dead");
        return all
                && lost == 0
                && REPEATED.get() == 0
                && tocsin.isAlive()
                && quietRss <= BUDGET_MEBIBYTES;
    }

    /** Writers take turns, each at its own times, so that a slow answer delays no other. */
    private static int write(ClusterFixtures cluster, int seconds) throws Exception {
        int events = EVENTS_PER_SECOND * seconds;
        long begin = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            int first = writer;
            writers.add(
                    threads.submit(
                            () -> {
                                for (int i = first; i < events; i += WRITERS) {
                                    long at =
                                            begin
                                                    + TimeUnit.SECONDS.toNanos(1)
                                                            / EVENTS_PER_SECOND
                                                            * i;
                                    LockSupport.parkNanos(at - System.nanoTime());
                                    create(cluster, "pod-" + i);
                                }
                            }));
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        threads.shutdown();
        return events;
    }

    private static void create(ClusterFixtures cluster, String name) {
        cluster.create(PodEvent.backOff("bench", name, name, "uid-" + name));
        WRITTEN.put(name, System.currentTimeMillis());
    }

    private static boolean awaitTold(Process tocsin, int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (TOLD.size() < WRITTEN.size()) {
            if (System.nanoTime() > end || !tocsin.isAlive()) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return true;
    }

    private static void read(Process tocsin) {
        ObjectMapper json = new ObjectMapper();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(tocsin.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode document = json.readTree(line);
                if (document.path("kind").asText().equals("event")
                        && document.path("namespace").asText().equals("bench")
                        && TOLD.put(document.path("name").asText(), System.currentTimeMillis())
                                != null) {
                    REPEATED.incrementAndGet();
                }
            }
        } catch (IOException e) {
            System.out.println("bench/memory: Tocsin's output broke off: " + e);
        }
    }

    /** A line of /proc/PID/status, in MiB. */
    private static long memory(Process process, String name) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private static long percentile(long[] sorted, int percent) {
        return sorted.length == 0 ? -1 : sorted[sorted.length * percent / 100];
    }
}
