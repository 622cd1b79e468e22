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
package io.tocsin.sink.deadletter;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Bytes of a {@link DeadLetter} in a checkpoint. Strings are UTF-8 and, like the raw bytes,
 * preceded by their length as a big-endian int.
 *
 * <ul>
 *   <li>Version 1: stage, origin, reason, time, raw bytes.
 * </ul>
 */
final class DeadLetterSerializer implements SimpleVersionedSerializer<DeadLetter> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(DeadLetter letter) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(letter.raw().length + 256);
        DataOutputStream out = new DataOutputStream(bytes);
        text(out, letter.stage());
        text(out, letter.origin());
        text(out, letter.reason());
        out.writeLong(letter.timeMillis());
        out.writeInt(letter.raw().length);
        out.write(letter.raw());
        return bytes.toByteArray();
    }

    @Override
    public DeadLetter deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "a dead letter in the state has version "
                            + version
                            + ", this release reads version "
                            + VERSION
                            + ": restore it with the release that wrote it or a newer one");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
        DeadLetter letter = new DeadLetter(text(in), text(in), text(in), in.readLong(), bytes(in));
        if (in.available() > 0) {
            throw new IOException(
                    "a dead letter in the state has "
                            + in.available()
                            + " bytes more than version "
                            + VERSION
                            + " knows: it is damaged");
        }
        return letter;
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > in.available()) {
            throw new IOException(
                    "a dead letter in the state says "
                            + size
                            + " bytes follow, but only "
                            + in.available()
                            + " do: it is damaged");
        }
        byte[] bytes = new byte[size];
        in.readFully(bytes);
        return bytes;
    }
}
