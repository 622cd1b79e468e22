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
package io.tocsin.sink.webhook;

import io.tocsin.sink.deadletter.DeadLetter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Bytes of {@link WebhookWriterState}. Strings are UTF-8 and, like byte arrays and lists, preceded
 * by their length as a big-endian int.
 *
 * <ul>
 *   <li>Version 1: lanes (destination, throttled until, broken keys, pending requests with time of
 *       acceptance and attempts), then dead letters not yet handed on.
 * </ul>
 */
final class WebhookWriterStateSerializer implements SimpleVersionedSerializer<WebhookWriterState> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(WebhookWriterState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(state.lanes().size());
        for (LaneState lane : state.lanes()) {
            text(out, lane.destination());
            out.writeLong(lane.throttledUntilMillis());
            out.writeInt(lane.brokenKeys().size());
            for (String key : lane.brokenKeys()) {
                text(out, key);
            }
            out.writeInt(lane.pending().size());
            for (LaneState.Pending pending : lane.pending()) {
                WebhookRequest request = pending.request();
                out.writeLong(pending.acceptedMillis());
                out.writeInt(pending.attempts());
                text(out, request.destination());
                text(out, request.orderKey());
                text(out, request.idempotencyKey());
                text(out, request.contentType());
                bytes(out, request.body());
                out.writeLong(request.createdMillis());
            }
        }
        out.writeInt(state.deadLetters().size());
        for (DeadLetter letter : state.deadLetters()) {
            text(out, letter.stage());
            text(out, letter.origin());
            text(out, letter.reason());
            out.writeLong(letter.timeMillis());
            bytes(out, letter.raw());
        }
        return bytes.toByteArray();
    }

    @Override
    public WebhookWriterState deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "webhook writer state has version "
                            + version
                            + ", this release reads version "
                            + VERSION
                            + ": restore it with the release that wrote it or a newer one");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
        List<LaneState> lanes = new ArrayList<>();
        for (int left = size(in); left > 0; left--) {
            lanes.add(lane(in));
        }
        List<DeadLetter> letters = new ArrayList<>();
        for (int left = size(in); left > 0; left--) {
            letters.add(new DeadLetter(text(in), text(in), text(in), in.readLong(), bytes(in)));
        }
        if (in.available() > 0) {
            throw new IOException(
                    "webhook writer state has "
                            + in.available()
                            + " bytes more than version "
                            + VERSION
                            + " knows: it is damaged");
        }
        return new WebhookWriterState(lanes, letters);
    }

    private static LaneState lane(DataInputStream in) throws IOException {
        String destination = text(in);
        long throttledUntil = in.readLong();
        List<String> brokenKeys = new ArrayList<>();
        for (int left = size(in); left > 0; left--) {
            brokenKeys.add(text(in));
        }
        List<LaneState.Pending> pending = new ArrayList<>();
        for (int left = size(in); left > 0; left--) {
            long accepted = in.readLong();
            int attempts = in.readInt();
            WebhookRequest request =
                    new WebhookRequest(
                            text(in), text(in), text(in), text(in), bytes(in), in.readLong());
            pending.add(new LaneState.Pending(request, accepted, attempts));
        }
        return new LaneState(destination, throttledUntil, brokenKeys, pending);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[size(in)];
        in.readFully(bytes);
        return bytes;
    }

    /** A length, checked against what is there, so that damage does not turn into memory use. */
    private static int size(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > in.available()) {
            throw new IOException(
                    "webhook writer state says "
                            + size
                            + " items or bytes follow, but only "
                            + in.available()
                            + " bytes do: it is damaged");
        }
        return size;
    }
}
