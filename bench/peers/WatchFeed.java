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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An API server with an empty list of events and a watch of so many changes, as fast as a client takes them: bytes made
 * beforehand, one chunk per line, 100,000 objects, each of the second in which it is sent. Shapes and field order are those of a kube-apiserver 1.34: the
 * kubelet's BackOff, with managed fields. Plain HTTP/1.1 on loopback.
 *
 * <p>Arguments: the number of lines. Prints its port.
 */
public final class WatchFeed {
    private static final long FIRST_VERSION = 1_000_000_000L;
    private static final int OBJECTS = 100_000;
    private static final Pattern VERSION = Pattern.compile("resourceVersion=(\\d+)");

    private static final String LINE =
            """
            {"type":"ADDED","object":{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"cart-7d9c5b8f6d-NNNNNN.18a1b2c3d4e5f607","namespace":"shop","uid":"0a1b2c3d-4e5f-6071-8293-a4b5c6NNNNNN","resourceVersion":"VVVVVVVVVV","creationTimestamp":"TTTTTTTTTTTTTTTTTTTT","managedFields":[{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"TTTTTTTTTTTTTTTTTTTT","fieldsType":"FieldsV1","fieldsV1":{"f:count":{},"f:firstTimestamp":{},"f:involvedObject":{},"f:lastTimestamp":{},"f:message":{},"f:reason":{},"f:reportingComponent":{},"f:reportingInstance":{},"f:source":{"f:component":{},"f:host":{}},"f:type":{}}}]},"eventTime":null,"reportingController":"kubelet","reportingInstance":"node-17","reason":"BackOff","regarding":{"kind":"Pod","namespace":"shop","name":"cart-7d9c5b8f6d-NNNNNN","uid":"9f8e7d6c-5b4a-3928-1706-f5e4d3NNNNNN","apiVersion":"v1","resourceVersion":"VVVVVVVVVV","fieldPath":"spec.containers{cart}"},"note":"Back-off restarting failed container cart in pod cart-7d9c5b8f6d-NNNNNN_shop(9f8e7d6c-5b4a-3928-1706-f5e4d3NNNNNN)","type":"Warning","deprecatedSource":{"component":"kubelet","host":"node-17"},"deprecatedFirstTimestamp":"TTTTTTTTTTTTTTTTTTTT","deprecatedLastTimestamp":"TTTTTTTTTTTTTTTTTTTT","deprecatedCount":12}}
            """;

    private final int lines;
    private final byte[] template;
    private final int[] numbers;
    private final int[] versions;
    private final int[] times;
    private volatile long latest = FIRST_VERSION;

    private WatchFeed(int lines) {
        this.lines = lines;
        byte[] line = LINE.getBytes(StandardCharsets.UTF_8);
        byte[] head = (Integer.toHexString(line.length) + "\r\n").getBytes(StandardCharsets.UTF_8);
        template = new byte[head.length + line.length + 2];
        System.arraycopy(head, 0, template, 0, head.length);
        System.arraycopy(line, 0, template, head.length, line.length);
        template[template.length - 2] = '\r';
        template[template.length - 1] = '\n';
        String text = new String(template, StandardCharsets.ISO_8859_1);
        numbers = places(text, "NNNNNN");
        versions = places(text, "VVVVVVVVVV");
        times = places(text, "TTTTTTTTTTTTTTTTTTTT");
    }

    private static byte[] now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int[] places(String text, String what) {
        return Pattern.compile(what).matcher(text).results().mapToInt(found -> found.start()).toArray();
    }

    public static void main(String[] arguments) throws IOException {
        WatchFeed feed = new WatchFeed(Integer.parseInt(arguments[0]));
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            System.out.println(listener.getLocalPort());
            while (true) {
                Socket socket = listener.accept();
                Thread thread = new Thread(() -> feed.serve(socket));
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = socket.getOutputStream();
            for (String request = in.readLine(); request != null; request = in.readLine()) {
                String header;
                do {
                    header = in.readLine();
                } while (header != null && !header.isEmpty());
                if (request.contains("watch=true") || request.contains("watch=1")) {
                    Matcher version = VERSION.matcher(request);
                    watch(version.find() ? Long.parseLong(version.group(1)) : FIRST_VERSION, out);
                    in.readLine();
                    return;
                }
                list(out);
            }
        } catch (IOException clientLeft) {
            // It has what it wanted.
        }
    }

    private static String head(String more) {
        String date =
                DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                        .withZone(ZoneOffset.UTC)
                        .format(Instant.now());
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: " + date + "\r\n" + more + "\r\n\r\n";
    }

    private void list(OutputStream out) throws IOException {
        String body =
                "{\"kind\":\"EventList\",\"apiVersion\":\"events.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\""
                        + latest
                        + "\"},\"items\":[]}\n";
        out.write((head("Content-Length: " + body.length()) + body).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private void watch(long from, OutputStream out) throws IOException {
        out.write(head("Transfer-Encoding: chunked").getBytes(StandardCharsets.ISO_8859_1));
        byte[] block = new byte[64 * template.length];
        int filled = 0;
        byte[] now = now();
        for (long version = from + 1; version <= FIRST_VERSION + lines; version++) {
            System.arraycopy(template, 0, block, filled, template.length);
            for (int place : numbers) {
                digits((version - FIRST_VERSION) % OBJECTS, 6, block, filled + place);
            }
            for (int place : versions) {
                digits(version, 10, block, filled + place);
            }
            for (int place : times) {
                System.arraycopy(now, 0, block, filled + place, now.length);
            }
            filled += template.length;
            if (filled == block.length) {
                out.write(block);
                filled = 0;
                latest = Math.max(latest, version);
                now = now();
            }
        }
        out.write(block, 0, filled);
        out.flush();
    }

    private static void digits(long number, int width, byte[] into, int at) {
        long rest = number;
        for (int i = width - 1; i >= 0; i--) {
            into[at + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
