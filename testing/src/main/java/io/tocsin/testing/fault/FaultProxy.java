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

import io.tocsin.testing.FreePorts;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.Kubeconfig;
import io.tocsin.testing.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * Stands before a real API server and does to its clients what networks, load balancers and failing
 * servers do, as the {@linkplain #script rules} say; counts what it did.
 *
 * <p>HTTP/1.1 on both sides, plain or TLS. Tokens pass through; the server's certificate is
 * checked. Streams pass byte by byte as they come. Without a rule it changes nothing but the
 * connection: a watch is the last request of its own, and a server that is away or breaks off is a
 * reset. What a rule's own code throws is a reset, too, and told by {@link #assertAllHappened}. Any
 * thread may call it.
 */
public final class FaultProxy implements AutoCloseable {

    /** As servers write it: with two digits of the day. */
    static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
                    .withZone(ZoneOffset.UTC);

    private final URI server;
    private final SSLContext trust;
    private final LoopbackCertificate certificate;
    private final ServerSocket listener;
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<Rule> allRules = new CopyOnWriteArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final FaultCounts counts = new FaultCounts();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Object state = new Object();
    private boolean cut;
    private CountDownLatch frozen = new CountDownLatch(0);

    private FaultProxy(URI server, Path caCertificate, boolean tls, String literalAddress) {
        this.server = server;
        trust = caCertificate == null ? null : Tls.trusting(caCertificate);
        certificate = tls ? LoopbackCertificate.get() : null;
        try {
            listener = new ServerSocket();
            listener.bind(
                    new InetSocketAddress(InetAddress.getByName(literalAddress), FreePorts.next()),
                    200);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on " + literalAddress, e);
        }
        daemon("fault proxy", this::accept);
    }

    /**
     * A proxy that clients reach without TLS.
     *
     * @param server http or https, with a port
     * @param caCertificate PEM file of the certificates to trust; may be null for http
     */
    public static FaultProxy start(URI server, Path caCertificate) {
        return new FaultProxy(server, caCertificate, false, "127.0.0.1");
    }

    /** A proxy that clients reach by TLS; they must trust {@link #caCertificate}. */
    public static FaultProxy startTls(URI server, Path caCertificate) {
        return startTlsOn("127.0.0.1", server, caCertificate);
    }

    /**
     * A proxy that clients reach by TLS on another address of the loopback.
     *
     * @param literalAddress such as {@code ::1}
     */
    public static FaultProxy startTlsOn(String literalAddress, URI server, Path caCertificate) {
        return new FaultProxy(server, caCertificate, true, literalAddress);
    }

    /** A proxy before a control plane, reached by TLS. */
    public static FaultProxy before(KubeControlPlane controlPlane) {
        return startTls(controlPlane.server(), controlPlane.caCertificate());
    }

    /** Where clients reach it. */
    public URI uri() {
        InetAddress host = listener.getInetAddress();
        return URI.create(
                "%s://%s:%d"
                        .formatted(
                                certificate == null ? "http" : "https",
                                host instanceof Inet6Address
                                        ? "[" + host.getHostAddress() + "]"
                                        : host.getHostAddress(),
                                listener.getLocalPort()));
    }

    /** PEM file of the certificate that clients must trust; null without TLS. */
    public Path caCertificate() {
        return certificate == null ? null : certificate.pem();
    }

    /** A kubeconfig that leads through the proxy, as text. */
    public String kubeconfig(String user, String token) {
        return Kubeconfig.of(uri(), caCertificate(), user, token);
    }

    /** Adds rules. Of those whose turn it is, the one added first decides about a request. */
    public FaultProxy script(Rule... more) {
        rules.addAll(List.of(more));
        allRules.addAll(List.of(more));
        return this;
    }

    /**
     * Follows no rule any more; answers already begun keep theirs. Counts stay, and what did not
     * happen until now is missing.
     */
    public void pass() {
        rules.clear();
    }

    /** Resets all connections, and each new one until {@link #mend}. */
    public void cut() {
        synchronized (state) {
            cut = true;
            open.forEach(
                    socket -> {
                        counts.add(Fault.CUT, FaultCounts.CONNECTION);
                        Wire.reset(socket);
                    });
            open.clear();
        }
    }

    /** Lets connections through again. */
    public void mend() {
        synchronized (state) {
            cut = false;
        }
    }

    /**
     * Passes nothing more on in the direction of clients, until {@link #thaw}; connections stay
     * open, and new ones are accepted: to a client the network has swallowed the server.
     */
    public void freeze() {
        synchronized (state) {
            if (frozen.getCount() == 0) {
                frozen = new CountDownLatch(1);
            }
        }
    }

    /** Passes on what was held back, and all that follows. */
    public void thaw() {
        synchronized (state) {
            frozen.countDown();
        }
    }

    /** What it did so far. */
    public FaultCounts counts() {
        return counts;
    }

    /**
     * Asserts that every rule that was ever added did all it was to do at least once, and that no
     * rule's own code threw anything.
     *
     * @throws AssertionError naming the rules that did not, and what was done; also if there never
     *     was a rule, for then nothing is shown
     */
    public void assertAllHappened() {
        if (!failures.isEmpty()) {
            throw new AssertionError(
                    "A rule's own code threw " + failures.peek() + "; what was done:\n" + counts,
                    failures.peek());
        }
        if (allRules.isEmpty()) {
            throw new AssertionError("There never was a rule: ask counts() for cuts and freezes");
        }
        List<Rule> missing = allRules.stream().filter(rule -> !rule.missing().isEmpty()).toList();
        if (!missing.isEmpty()) {
            throw new AssertionError(
                    "Not all faults happened: " + missing + "; what was done:\n" + counts);
        }
    }

    /** Resets all connections and stops listening. */
    @Override
    public void close() {
        closed.countDown();
        thaw();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop listening", e);
        } finally {
            open.forEach(Wire::reset);
        }
    }

    /** Null when none has its turn. Every rule counts the request, whichever decides. */
    Rule ruleFor(Request request) {
        Rule chosen = null;
        for (Rule rule : rules) {
            if (rule.takes(request) && chosen == null) {
                chosen = rule;
            }
        }
        return chosen;
    }

    Wire connect() throws IOException {
        return Wire.toServer(server, trust);
    }

    String serverName() {
        return server.getHost() + ":" + server.getPort();
    }

    /** Waits while frozen and then for a time; throws when the proxy is closed. */
    void pause(Duration time) throws IOException {
        CountDownLatch ice;
        synchronized (state) {
            ice = frozen;
        }
        try {
            if (ice.getCount() > 0) {
                counts.add(Fault.FREEZE, FaultCounts.CONNECTION);
                ice.await();
            }
            if (!time.isZero()) {
                closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        }
        if (closed.getCount() == 0) {
            throw new IOException("The proxy is closed");
        }
    }

    /** What a test's own code threw; the connection is reset. */
    void failed(Throwable thrown) {
        failures.add(thrown);
    }

    void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                synchronized (state) {
                    if (cut) {
                        counts.add(Fault.CUT, FaultCounts.CONNECTION);
                        Wire.reset(socket);
                        continue;
                    }
                    open.add(socket);
                }
                daemon("fault proxy: connection", () -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try {
            new ProxiedConnection(
                            this,
                            Wire.fromClient(
                                    socket, certificate == null ? null : certificate.context()))
                    .run();
        } catch (IOException e) {
            Wire.reset(socket);
        } finally {
            open.remove(socket);
        }
    }
}
