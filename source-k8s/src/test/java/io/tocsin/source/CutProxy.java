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
package io.tocsin.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A way to a server that can be cut, while the server goes on for others. Passes bytes, so that TLS
 * stays that of the server.
 */
final class CutProxy implements AutoCloseable {

    private final URI server;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private boolean cut;

    CutProxy(URI server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    URI address() {
        return URI.create(server.getScheme() + "://127.0.0.1:" + listener.getLocalPort());
    }

    /** Breaks all connections, and lets none through any more. */
    void cut() {
        synchronized (this) {
            cut = true;
        }
        open.forEach(CutProxy::close);
    }

    /** Lets connections through again. */
    synchronized void mend() {
        cut = false;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException e) {
                // Closed, or the server is down: to the client it is a broken connection.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket upstream = new Socket();
        synchronized (this) {
            open.add(client);
            open.add(upstream);
            if (cut) {
                close(client, upstream);
                return;
            }
        }
        try {
            upstream.connect(new InetSocketAddress(server.getHost(), server.getPort()), 5_000);
        } catch (IOException e) {
            close(client, upstream);
            throw e;
        }
        daemon(() -> pass(client, upstream));
        daemon(() -> pass(upstream, client));
    }

    private void pass(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            // Broken or cut.
        } finally {
            close(from, to);
        }
    }

    private void close(Socket one, Socket other) {
        close(one);
        close(other);
        open.remove(one);
        open.remove(other);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "cut-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
