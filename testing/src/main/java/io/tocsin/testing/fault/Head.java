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

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * First line and headers of a message, in their order and spelling.
 *
 * @param start request line or status line
 */
public record Head(String start, List<Header> headers) {

    /** One header. */
    public record Header(String name, String value) {}

    /** A defensive copy is kept. */
    public Head {
        headers = List.copyOf(headers);
    }

    /** First value of a header, the name in any case; or null. */
    public String value(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst()
                .orElse(null);
    }

    /** Reads the body that follows this head of a request, and takes off its framing. */
    public byte[] readBody(InputStream in) throws IOException {
        return Body.ofRequest(this, in).readAllBytes();
    }

    int status() {
        return Integer.parseInt(start.split(" ")[1]);
    }

    Head without(String... names) {
        return new Head(
                start,
                headers.stream()
                        .filter(
                                header ->
                                        List.of(names).stream()
                                                .noneMatch(header.name()::equalsIgnoreCase))
                        .toList());
    }

    Head with(String name, String value) {
        List<Header> all = new ArrayList<>(without(name).headers);
        all.add(new Header(name, value));
        return new Head(start, all);
    }

    /** As it is sent, with the empty line. */
    public byte[] bytes() {
        StringBuilder text = new StringBuilder(start).append("\r\n");
        headers.forEach(
                header -> text.append(header.name() + ": " + header.value()).append("\r\n"));
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Reads one; null if the other side closes before it begins. */
    public static Head read(InputStream in) throws IOException {
        String start = line(in);
        if (start == null) {
            return null;
        }
        List<Header> headers = new ArrayList<>();
        for (String line = line(in); ; line = line(in)) {
            if (line == null) {
                throw new EOFException("The connection ended within the headers of " + start);
            }
            if (line.isEmpty()) {
                return new Head(start, headers);
            }
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new ProtocolException("Not a header: '" + line + "'");
            }
            headers.add(
                    new Header(
                            line.substring(0, colon).strip(), line.substring(colon + 1).strip()));
        }
    }

    /** A line without its end; null at the end of the stream. */
    static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); ; next = in.read()) {
            if (next < 0) {
                return line.size() == 0 ? null : line.toString(StandardCharsets.ISO_8859_1);
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            }
            line.write(next);
        }
    }
}
