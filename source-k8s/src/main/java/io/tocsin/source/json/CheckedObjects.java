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
package io.tocsin.source.json;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Objects that were seen to be plain JSON, so that the same bytes need not be looked at again: the
 * managed fields of events are nearly half of their bytes, and the same for all that a controller
 * writes. Bounded; thread-safe.
 */
final class CheckedObjects {

    private static final int SLOTS = 8;
    private static final int MIN_BYTES = 32;
    private static final int MAX_BYTES = 4 * 1024;

    private final AtomicReferenceArray<byte[]> objects = new AtomicReferenceArray<>(SLOTS);

    /** Any thread may set it; it only says where to look first. */
    private int latest;

    /** Length of the object that begins here; 0 if it is none of those. */
    int lengthAt(byte[] bytes, int at, int end) {
        int first = latest;
        for (int i = 0; i < SLOTS; i++) {
            int slot = first + i & SLOTS - 1;
            byte[] object = objects.getAcquire(slot);
            if (object == null) {
                continue;
            }
            if (object.length <= end - at
                    && Arrays.equals(object, 0, object.length, bytes, at, at + object.length)) {
                if (i > 0) {
                    latest = slot;
                }
                return object.length;
            }
        }
        return 0;
    }

    /** These bytes are one object. */
    void add(byte[] bytes, int from, int to) {
        if (to - from >= MIN_BYTES && to - from <= MAX_BYTES) {
            int slot = latest - 1 & SLOTS - 1;
            objects.setRelease(slot, Arrays.copyOfRange(bytes, from, to));
            latest = slot;
        }
    }
}
