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
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures how long an event takes from the begin of the request that writes it to the line that
 * tells its alert: see bench/latency. One clock for all: this process writes, and reads the lines.
 */
public final class LatencyBench {
    private static final String NAMESPACE = "latency";
    private static final Pattern POD = Pattern.compile("pod-\\d+-\\d+");

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** One event of so many rings; each of a pod of its own. */
    private static final int RINGS = 10;

    private static final int WRITERS = 32;
    private static final int WARM_UP_SECONDS = 20;
    private static final int PATIENCE_SECONDS = 60;

    private final KubernetesClient client;

    /** When the first line told of a pod, by watcher. */
    private final Map<String, Map<String, Long>> told = new ConcurrentHashMap<>();

    private LatencyBench(KubernetesClient client) {
        this.client = client;
    }

    /**
     * {@code watch KUBECONFIG} prints a line for each event, by an informer; {@code write KUBECONFIG
     * SECONDS RATES COMMAND...} runs that and the command, and writes at each of the rates.
     */
    public static void main(String[] arguments) throws Exception {
        Config config = Config.fromKubeconfig(new File(arguments[1]));
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
            if (arguments[0].equals("watch")) {
                watch(client);
            } else {
                List<String> command = Arrays.asList(arguments).subList(4, arguments.length);
                new LatencyBench(client)
                        .measure(
                                arguments[1],
                                Integer.parseInt(arguments[2]),
                                arguments[3].split(","),
                                command);
            }
        }
        System.exit(0);
    }

    private static void watch(KubernetesClient client) throws InterruptedException {
        client.v1()
                .events()
                .inNamespace(NAMESPACE)
                .inform(
                        new ResourceEventHandler<Event>() {
                            @Override
                            public void onAdd(Event event) {
                                System.out.println(event.getInvolvedObject().getName());
                            }

                            @Override
                            public void onUpdate(Event before, Event event) {
                                onAdd(event);
                            }

                            @Override
                            public void onDelete(Event event, boolean unknown) {
                                // Tells nothing.
                            }
                        });
        new CountDownLatch(1).await();
    }

    private void measure(String kubeconfig, int seconds, String[] rates, List<String> tocsin)
            throws Exception {
        post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"" + NAMESPACE + "\"}}");
        List<String> informer =
                List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "LatencyBench",
                        "watch",
                        kubeconfig);
        List<Process> children = new ArrayList<>();
        try {
            children.add(start("informer", informer));
            children.add(start("tocsin", tocsin));
            // Until both are there and warm.
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2 * PATIENCE_SECONDS);
            for (int probe = 0; told("informer").isEmpty() || told("tocsin").isEmpty(); probe++) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "no line within two minutes; got " + told.keySet());
                }
                event(0, probe * RINGS);
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
            int round = 1;
            for (String rate : rates) {
                write(round++, Integer.parseInt(rate), WARM_UP_SECONDS);
                row(round, Integer.parseInt(rate), seconds);
                round++;
            }
        } finally {
            children.forEach(Process::destroy);
            for (Process child : children) {
                child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private Map<String, Long> told(String watcher) {
        return told.computeIfAbsent(watcher, name -> new ConcurrentHashMap<>());
    }

    private Process start(String watcher, List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Map<String, Long> first = told(watcher);
        Thread reader =
                new Thread(
                        () -> {
                            try (BufferedReader lines =
                                    new BufferedReader(
                                            new InputStreamReader(
                                                    process.getInputStream(),
                                                    StandardCharsets.UTF_8))) {
                                for (String line; (line = lines.readLine()) != null; ) {
                                    long now = System.nanoTime();
                                    Matcher pod = POD.matcher(line);
                                    if (pod.find()) {
                                        first.putIfAbsent(pod.group(), now);
                                    }
                                }
                            } catch (IOException e) {
                                System.err.println("bench/latency: " + watcher + ": " + e);
                            }
                        },
                        watcher);
        reader.setDaemon(true);
        reader.start();
        return process;
    }

    /** When each event of a round that rings was begun to be written, by pod. */
    private Map<String, Long> write(int round, int rate, int seconds) throws Exception {
        Map<String, Long> begun = new ConcurrentHashMap<>();
        AtomicInteger next = new AtomicInteger();
        long start = System.nanoTime();
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        for (int i = 0; i < WRITERS; i++) {
            writers.execute(
                    () -> {
                        for (int n = next.getAndIncrement();
                                n < rate * seconds;
                                n = next.getAndIncrement()) {
                            long due = start + TimeUnit.SECONDS.toNanos(n) / rate;
                            for (long wait = due - System.nanoTime();
                                    wait > 0;
                                    wait = due - System.nanoTime()) {
                                LockSupport.parkNanos(wait);
                            }
                            // What cannot be written in the time is not: the rate is printed.
                            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(seconds)) {
                                return;
                            }
                            long began = System.nanoTime();
                            event(round, n);
                            if (n % RINGS == 0) {
                                begun.put(pod(round, n), began);
                                written.add(System.nanoTime() - began);
                            }
                            count.incrementAndGet();
                        }
                    });
        }
        writers.shutdown();
        writers.awaitTermination(2L * seconds + PATIENCE_SECONDS, TimeUnit.SECONDS);
        return begun;
    }

    private final AtomicInteger count = new AtomicInteger();
    private final List<Long> written = Collections.synchronizedList(new ArrayList<>());

    private void row(int round, int rate, int seconds) throws Exception {
        count.set(0);
        written.clear();
        Map<String, Long> begun = write(round, rate, seconds);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline
                && !(told("tocsin").keySet().containsAll(begun.keySet())
                        && told("informer").keySet().containsAll(begun.keySet()))) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        List<Long> informer = latencies(begun, told("informer"));
        List<Long> tocsin = latencies(begun, told("tocsin"));
        System.out.printf(
                Locale.ROOT,
                "| %5d | %7d | %6d | %9.1f | %8.1f | %8.1f | %6.1f | %6.1f | %5.2f | %5.2f | %6d |%n",
                rate,
                count.get() / seconds,
                begun.size(),
                quantile(new ArrayList<>(written), 0.5),
                quantile(informer, 0.5),
                quantile(informer, 0.99),
                quantile(tocsin, 0.5),
                quantile(tocsin, 0.99),
                quantile(tocsin, 0.5) / quantile(informer, 0.5),
                quantile(tocsin, 0.99) / quantile(informer, 0.99),
                begun.size() - tocsin.size());
    }

    private static List<Long> latencies(Map<String, Long> begun, Map<String, Long> told) {
        List<Long> latencies = new ArrayList<>();
        begun.forEach(
                (pod, nanos) -> {
                    Long at = told.get(pod);
                    if (at != null) {
                        latencies.add(at - nanos);
                    }
                });
        return latencies;
    }

    /** In milliseconds. */
    private static double quantile(List<Long> nanos, double part) {
        if (nanos.isEmpty()) {
            return Double.NaN;
        }
        nanos.sort(null);
        return nanos.get((int) (part * (nanos.size() - 1))) / 1e6;
    }

    private static String pod(int round, int number) {
        return "pod-" + round + "-" + number;
    }

    private void event(int round, int number) {
        String now = MICROS.format(Instant.now());
        String pod = pod(round, number);
        post(
                "/apis/events.k8s.io/v1/namespaces/" + NAMESPACE + "/events",
                """
                {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"%s"},"eventTime":"%s",
                 "type":"Warning","reason":"%s","action":"Running","note":"Back-off restarting failed container",
                 "reportingController":"kubelet","reportingInstance":"node-1",
                 "regarding":{"apiVersion":"v1","kind":"Pod","namespace":"%s","name":"%s","uid":"uid-%s"}}
                """
                        .formatted(
                                pod,
                                now,
                                number % RINGS == 0 ? "Rings" : "Silent",
                                NAMESPACE,
                                pod,
                                pod));
    }

    private void post(String path, String json) {
        try {
            client.raw(path, "POST", json);
        } catch (KubernetesClientException e) {
            throw new IllegalStateException("cannot write to " + path, e);
        }
    }
}
