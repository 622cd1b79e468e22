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

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One HTTP exchange as its calling thread sees it: the client's threads hand in what happens, the
 * calling thread waits for it, bounded by time, and can be woken by {@link #cancel} from anywhere.
 *
 * <p>The queue is bounded by demand: never more chunks than were asked for.
 *
 * @param <R> type of the response's head
 */
final class Exchange<R> extends InputStream {

    private static final Object END = new Object();
    private static final Object WAKE_UP = new Object();

    private record Head<R>(R response) {}

    private record Failure(Throwable cause) {}

    private final BlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;
    private long idleMillis;
    private Runnable demand = () -> {};
    private List<ByteBuffer> chunk = List.of();
    private int inChunk;
    private boolean ended;

    // Client's threads.

    void onHead(R response) {
        inbox.add(new Head<>(response));
    }

    void onChunk(List<ByteBuffer> buffers) {
        inbox.add(buffers);
    }

    void onEnd() {
        inbox.add(END);
    }

    void onFailure(Throwable cause) {
        inbox.add(new Failure(cause));
    }

    // Any thread.

    void cancel() {
        cancelled = true;
        inbox.add(WAKE_UP);
    }

    // Calling thread.

    boolean isCancelled() {
        return cancelled;
    }

    /** Unchecked, so that it passes through parsers. */
    void throwIfCancelled() {
        if (cancelled) {
            throw new CancelledException();
        }
    }

    /**
     * Waits for the response's head.
     *
     * @throws IdleException if it does not come in time
     */
    R awaitHead(long millis) throws IOException, InterruptedException {
        Object message = take(millis);
        if (message instanceof Head<?> head) {
            @SuppressWarnings("unchecked")
            R response = (R) head.response();
            return response;
        }
        throw new IOException("the connection ended before an answer");
    }

    /**
     * @param demand asks the client for one more chunk
     * @param idleMillis how long a read may wait for the next bytes
     */
    void beginBody(Runnable demand, long idleMillis) {
        this.demand = demand;
        this.idleMillis = idleMillis;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int read = read(one, 0, 1);
        return read < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        throwIfCancelled();
        while (true) {
            while (inChunk < chunk.size()) {
                ByteBuffer buffer = chunk.get(inChunk);
                if (buffer.hasRemaining()) {
                    int count = Math.min(length, buffer.remaining());
                    buffer.get(target, offset, count);
                    return count;
                }
                inChunk++;
            }
            if (ended || !nextChunk()) {
                return -1;
            }
        }
    }

    private boolean nextChunk() throws IOException {
        Object message;
        try {
            message = take(idleMillis);
        } catch (InterruptedException e) {
            throw new WaitInterruptedException();
        }
        if (message == END) {
            ended = true;
            return false;
        }
        @SuppressWarnings("unchecked")
        List<ByteBuffer> buffers = (List<ByteBuffer>) message;
        chunk = buffers;
        inChunk = 0;
        demand.run();
        return true;
    }

    private Object take(long millis) throws IOException, InterruptedException {
        Object message = inbox.poll(millis, TimeUnit.MILLISECONDS);
        throwIfCancelled();
        if (message == null) {
            throw new IdleException("nothing was received for " + millis + " ms");
        }
        if (message instanceof Failure failure) {
            throw new IOException(NetworkFailure.describe(failure.cause()), failure.cause());
        }
        return message;
    }

    /** The caller gave up. */
    static final class CancelledException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CancelledException() {
            super("cancelled", null, false, false);
        }
    }

    /** Nothing came in time. */
    static final class IdleException extends IOException {
        private static final long serialVersionUID = 1L;

        IdleException(String message) {
            super(message);
        }
    }

    /** The calling thread was interrupted inside a read. */
    static final class WaitInterruptedException extends InterruptedIOException {
        private static final long serialVersionUID = 1L;
    }
}
