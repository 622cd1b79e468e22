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
package io.tocsin.source.pack;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializes records that never change after they were made, arrays in them included: a copy is the
 * record itself.
 *
 * <p>Written are a length (4 bytes), a version (1 byte) and the components. Components may only be
 * added at the end: bytes that were written before have null or 0 there, and who does not know a
 * component passes over it. Anything else takes a new version. So state needs no migration.
 *
 * <p>A subclass needs a public constructor without parameters, and a snapshot of its own that makes
 * it; enums are written by numbers that never change. Not for several threads, as any serializer.
 *
 * @param <T> the record
 */
public abstract class PackedSerializer<T> extends TypeSerializer<T> {

    private static final long serialVersionUID = 1L;

    private transient Packer packer;
    private transient Unpacker unpacker;

    /** Version of the bytes that are written; from 1 to 255. */
    protected int version() {
        return 1;
    }

    /** Writes a record's components. */
    protected abstract void pack(T record, Packer to);

    /**
     * Reads a record's components.
     *
     * @param version version of these bytes; at most {@link #version}
     */
    protected abstract T unpack(int version, Unpacker from);

    @Override
    public final void serialize(T record, DataOutputView target) throws IOException {
        if (packer == null) {
            packer = new Packer();
        }
        packer.clear();
        int begin = packer.begin();
        packer.octet(version());
        pack(record, packer);
        packer.end(begin);
        target.write(packer.bytes(), 0, packer.size());
    }

    @Override
    public final T deserialize(DataInputView source) throws IOException {
        if (unpacker == null) {
            unpacker = new Unpacker();
        }
        int length = source.readInt();
        source.readFully(unpacker.room(length), 0, length);
        int version = unpacker.octet();
        if (version < 1 || version > version()) {
            throw new IOException(
                    getClass().getSimpleName()
                            + ": got bytes of version "
                            + version
                            + ", expected 1 to "
                            + version()
                            + "; a later Tocsin wrote them: run that one, or restore an older"
                            + " checkpoint");
        }
        return unpack(version, unpacker);
    }

    @Override
    public final T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public final void copy(DataInputView source, DataOutputView target) throws IOException {
        // Not by write(source, length): Flink's views in memory do not grow there.
        int length = source.readInt();
        byte[] bytes = new byte[length];
        source.readFully(bytes);
        target.writeInt(length);
        target.write(bytes);
    }

    @Override
    public final T copy(T from) {
        return from;
    }

    @Override
    public final T copy(T from, T reuse) {
        return from;
    }

    @Override
    public final boolean isImmutableType() {
        return true;
    }

    @Override
    public final T createInstance() {
        return null;
    }

    /** How many bytes follow the length is not known before. */
    @Override
    public final int getLength() {
        return -1;
    }

    /** An error about the number of an enum's constant. */
    protected static IllegalStateException unknown(String what, int code) {
        return new IllegalStateException(
                "Unknown number "
                        + code
                        + " of a "
                        + what
                        + ": a later Tocsin wrote it; run that one, or restore an older"
                        + " checkpoint.");
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && other.getClass() == getClass();
    }

    @Override
    public final int hashCode() {
        return getClass().hashCode();
    }
}
