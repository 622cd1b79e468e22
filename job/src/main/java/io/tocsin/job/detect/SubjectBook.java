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
package io.tocsin.job.detect;

import io.tocsin.annotation.StateType;
import java.util.Arrays;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * All that is remembered of the subjects of one place, in one value: it is read once and written
 * once for each candidate. Never changes.
 *
 * @param nextMillis event time at which a timer will fire; {@code Long.MAX_VALUE} if none. There is
 *     one at a time, so that a subject that fails for hours does not leave a timer for each failure
 * @param waiting how many candidates wait, for the end of a list or for event time to come to them
 * @param slots what is remembered, in no order
 */
@TypeInfo(SubjectBookSerializer.Factory.class)
@StateType
public record SubjectBook(long nextMillis, int waiting, Slot[] slots) {

    static final SubjectBook EMPTY = new SubjectBook(Long.MAX_VALUE, 0, new Slot[0]);

    /** Whether there is nothing to remember. */
    boolean isEmpty() {
        return slots.length == 0 && nextMillis == Long.MAX_VALUE && waiting == 0;
    }

    /** The value of a slot, or null. */
    Object get(Slot.Kind kind, String name, String subject) {
        int at = find(kind, name, subject);
        return at < 0 ? null : slots[at].value();
    }

    private int find(Slot.Kind kind, String name, String subject) {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i].is(kind, name, subject)) {
                return i;
            }
        }
        return -1;
    }

    /** The same book with another value of a slot; null removes it. */
    SubjectBook with(Slot.Kind kind, String name, String subject, Object value) {
        int at = find(kind, name, subject);
        int size = slots.length;
        Slot[] next;
        if (value == null) {
            if (at < 0) {
                return this;
            }
            next = Arrays.copyOf(slots, size - 1);
            if (at < size - 1) {
                next[at] = slots[size - 1];
            }
        } else {
            next = Arrays.copyOf(slots, at < 0 ? size + 1 : size);
            next[at < 0 ? size : at] = new Slot(kind, name, subject, value);
        }
        return new SubjectBook(nextMillis, waiting, next);
    }

    /** The same book with another timer. */
    SubjectBook waking(long millis) {
        return millis == nextMillis ? this : new SubjectBook(millis, waiting, slots);
    }

    /** The same book, with so many candidates that wait. */
    SubjectBook waiting(int number) {
        return number == waiting ? this : new SubjectBook(nextMillis, number, slots);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SubjectBook that
                && nextMillis == that.nextMillis
                && waiting == that.waiting
                && Arrays.equals(slots, that.slots);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(nextMillis) * 31 + slots.length;
    }
}
