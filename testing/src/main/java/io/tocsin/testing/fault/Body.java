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

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;

/**
 * The body of a message without its framing; a read returns what is there and waits for no more.
 */
final class Body extends InputStream {

    /** Bytes left of the body or of the chunk; without framing, {@link Long#MAX_VALUE}. */
    private long left;

    private final boolean chunked;
    private final boolean untilClose;
    private final InputStream in;
    private boolean ended;
    private boolean first = true;

    private Body(InputStream in, boolean chunked, long left, boolean untilClose) {
        this.in = in;
        this.chunked = chunked;
        this.left = left;
        this.untilClose = untilClose;
    }

    static Body ofRequest(Head head, InputStream in) throws IOException {
        return isChunked(head)
                ? new Body(in, true, 0, false)
                : new Body(in, false, length(head), false);
    }

    static Body ofAnswer(String method, Head head, InputStream in) throws IOException {
        int status = head.status();
        if (method.equals("HEAD") || status == 204 || status == 304) {
            return new Body(in, false, 0, false);
        }
        if (isChunked(head)) {
            return new Body(in, true, 0, false);
        }
        return head.value("Content-Length") == null
                ? new Body(in, false, Long.MAX_VALUE, true)
                : new Body(in, false, length(head), false);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (chunked && left == 0 && !ended) {
            nextChunk();
        }
        if (ended || left == 0) {
            return -1;
        }
        int count = in.read(bytes, offset, (int) Math.min(length, left));
        if (count < 0) {
            if (untilClose) {
                return -1;
            }
            throw new EOFException("The connection ended within a body");
        }
        if (!untilClose) {
            left -= count;
        }
        return count;
    }

    private void nextChunk() throws IOException {
        if (!first) {
            Head.line(in);
        }
        first = false;
        String size = Head.line(in);
        if (size == null) {
            throw new EOFException("The connection ended between chunks");
        }
        left = number(size.split(";")[0].strip(), 16);
        if (left == 0) {
            ended = true;
            String trailer;
            do {
                // Trailers say nothing that matters here.
                trailer = Head.line(in);
                if (trailer == null) {
                    throw new EOFException("The connection ended before the end of the last chunk");
                }
            } while (!trailer.isEmpty());
        }
    }

    private static boolean isChunked(Head head) {
        return "chunked".equalsIgnoreCase(head.value("Transfer-Encoding"));
    }

    private static long length(Head head) throws IOException {
        String length = head.value("Content-Length");
        return length == null ? 0 : number(length, 10);
    }

    private static long number(String text, int radix) throws IOException {
        try {
            long number = Long.parseLong(text, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new ProtocolException("Not a length: '" + text + "'");
    }
}
