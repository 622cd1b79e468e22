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

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One connection, plain or TLS, that can also be reset. */
final class Wire implements AutoCloseable {

    private final Socket raw;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private Wire(Socket raw, Socket socket) throws IOException {
        this.raw = raw;
        this.socket = socket;
        raw.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /**
     * Shakes hands with a client.
     *
     * @param tls or null for a plain connection
     */
    static Wire fromClient(Socket raw, SSLContext tls) throws IOException {
        return new Wire(
                raw, tls == null ? raw : tls.getSocketFactory().createSocket(raw, null, true));
    }

    /** Connects to a server; TLS if the address says https. */
    static Wire toServer(URI server, SSLContext tls) throws IOException {
        Socket raw = new Socket();
        try {
            raw.connect(new InetSocketAddress(server.getHost(), server.getPort()), 5_000);
            if (!server.getScheme().equals("https")) {
                return new Wire(raw, raw);
            }
            SSLSocket secure =
                    (SSLSocket)
                            tls.getSocketFactory()
                                    .createSocket(raw, server.getHost(), server.getPort(), true);
            secure.startHandshake();
            return new Wire(raw, secure);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /**
     * Whether the other side's kernel has all that was sent: a reset discards what is still here.
     * Linux only; elsewhere always true.
     */
    boolean isDelivered() throws IOException {
        // Fields of proc(5): number, local and remote address, state, bytes to send:to be read.
        Pattern own =
                Pattern.compile(
                        "^ *\\d+: [0-9A-F]+:%04X [0-9A-F]+:%04X [0-9A-F]{2} ([0-9A-F]{8}):"
                                .formatted(raw.getLocalPort(), raw.getPort()));
        for (String table : new String[] {"tcp", "tcp6"}) {
            Path file = Path.of("/proc/self/net", table);
            if (!Files.exists(file)) {
                continue;
            }
            for (String line : Files.readAllLines(file)) {
                Matcher connection = own.matcher(line);
                if (connection.find() && !connection.group(1).equals("00000000")) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Resets the connection (RST), past TLS. */
    void reset() {
        reset(raw);
    }

    /** Breaks the connection without a word, also one that is being read. */
    void abandon() {
        try {
            raw.close();
        } catch (IOException alreadyBroken) {
            // Then it is closed.
        }
    }

    /** Closes the connection in good order. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            abandon();
        }
    }

    static void reset(Socket socket) {
        try {
            // No lingering: what is closed so is reset.
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyClosed) {
            // Then there is nothing to reset.
        }
    }
}
