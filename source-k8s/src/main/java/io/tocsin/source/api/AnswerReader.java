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
package io.tocsin.source.api;

import io.tocsin.source.api.ResourceApi.Handler;
import io.tocsin.source.api.Signal.Closed;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Reads the answer to one request, and tells how it ended. Knows HTTP as far as it says what an
 * answer means, and no client.
 *
 * <p>Throws what the stream throws: how a connection ended before its answer is the caller's to
 * tell. Not thread-safe; one instance per request.
 */
final class AnswerReader {

    private static final int ERROR_BYTES = 64 * 1024;
    private static final int EXCERPT_BYTES = 4 * 1024;

    private final Bounds bounds;
    private final Handler handler;
    private final Runnable check;
    private final LongSupplier openMillis;
    private long lines;
    private boolean accepted;

    /**
     * What comes before the body; headers are null where they are absent.
     *
     * @param status HTTP status
     */
    record Head(int status, String contentType, String date, String retryAfter) {}

    /**
     * @param check called now and then; throws where the call was cancelled
     * @param openMillis for how long the call is under way
     */
    AnswerReader(Bounds bounds, Handler handler, Runnable check, LongSupplier openMillis) {
        this.bounds = bounds;
        this.handler = handler;
        this.check = check;
        this.openMillis = openMillis;
    }

    /** Whether the server did what it was asked for. */
    boolean isAccepted() {
        return accepted;
    }

    /** Reads a page, and gives the signal that ends it. */
    Signal list(Head head, InputStream in) throws IOException, InterruptedException {
        long serverTime = HttpTimes.dateMillis(head.date());
        if (head.status() >= 400) {
            return refused(head, serverTime, in);
        }
        accepted = true;
        handler.on(new Signal.Opened(serverTime));
        return new PageReader(in, bounds, new ObjectReader(bounds), handler, check)
                .read(head.status(), serverTime);
    }

    /** Reads a watch to its end, and gives the signal that ends it. */
    Signal watch(Head head, InputStream in) throws IOException, InterruptedException {
        long serverTime = HttpTimes.dateMillis(head.date());
        if (head.status() >= 400) {
            return refused(head, serverTime, in);
        }
        accepted = true;
        if (!isJson(head)) {
            return notKubernetes(head, in);
        }
        handler.on(new Signal.Opened(serverTime));
        return lines(new WatchFrames(in, bounds), new ObjectReader(bounds));
    }

    private Signal lines(WatchFrames frames, ObjectReader reader)
            throws IOException, InterruptedException {
        while (frames.next()) {
            check.run();
            lines++;
            Signal signal = line(frames, reader);
            if (signal instanceof Signal.Expired || signal instanceof Signal.Refused) {
                return signal;
            }
            handler.on(signal);
        }
        return frames.isCutInLine()
                ? closed(Closed.Cause.BROKEN, "the watch ended inside a line")
                : closed(Closed.Cause.CLEAN, "the server ended the watch");
    }

    private Signal line(WatchFrames frames, ObjectReader reader) {
        return frames.oversized() != null
                ? new Signal.Malformed(frames.oversized(), PageReader.tooLarge("a line", bounds))
                : reader.readLine(frames.bytes(), frames.offset(), frames.length(), handler);
    }

    /** How the call ended where no answer tells it. */
    Closed closed(Closed.Cause cause, String message) {
        return new Closed(cause, lines, openMillis.getAsLong(), message);
    }

    private static Signal refused(Head head, long serverTime, InputStream in) throws IOException {
        byte[] body = in.readNBytes(ERROR_BYTES);
        return StatusReader.read(body, 0, body.length)
                .toSignal(
                        head.status(),
                        HttpTimes.retryAfterMillis(head.retryAfter(), serverTime),
                        false);
    }

    private static Signal notKubernetes(Head head, InputStream in) throws IOException {
        byte[] body = in.readNBytes(EXCERPT_BYTES);
        return new Signal.Refused(
                head.status(),
                0,
                false,
                false,
                "not a Kubernetes watch (a proxy or a login page in between?): "
                        + StatusReader.read(body, 0, body.length).message());
    }

    private static boolean isJson(Head head) {
        return head.contentType() == null
                || head.contentType().toLowerCase(Locale.ROOT).contains("json");
    }
}
