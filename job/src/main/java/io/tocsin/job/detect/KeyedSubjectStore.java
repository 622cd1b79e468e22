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

import java.io.IOException;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Flink's keyed state as the detector wants it: the current key's, read by {@link #load} and
 * written by {@link #flush}. Threads: the task's only.
 */
final class KeyedSubjectStore implements SubjectStore {

    private final ValueState<SubjectBook> state;
    private final Renames renames;

    private SubjectBook stored;
    private SubjectBook book = SubjectBook.EMPTY;
    private long earliest;
    private long forgets;

    /**
     * @param renames names that are others now
     */
    KeyedSubjectStore(RuntimeContext context, Renames renames) {
        this.renames = renames;
        state =
                context.getState(
                        new ValueStateDescriptor<>(
                                "subject", TypeInformation.of(SubjectBook.class)));
    }

    /** Reads what is remembered of the current key; no wake is asked for yet. */
    SubjectBook load() throws IOException {
        stored = state.value();
        book = stored == null ? SubjectBook.EMPTY : renames.apply(stored);
        earliest = Long.MAX_VALUE;
        forgets = Long.MAX_VALUE;
        return book;
    }

    /** Writes what is remembered now, if that has changed. */
    void flush(long nextMillis, int waiting) throws IOException {
        book = book.waking(nextMillis).waiting(waiting);
        if (book == stored) {
            return;
        }
        if (!book.isEmpty()) {
            state.update(book);
        } else if (stored != null) {
            state.clear();
        }
        stored = book;
    }

    /** The earliest wake that was asked for, or {@code Long.MAX_VALUE}. */
    long earliest() {
        return earliest;
    }

    /** The earliest time from which something may be forgotten, or {@code Long.MAX_VALUE}. */
    long forgets() {
        return forgets;
    }

    @Override
    public WindowState window(String rule, String subject) {
        return (WindowState) book.get(Slot.Kind.WINDOW, rule, subject);
    }

    @Override
    public void putWindow(String rule, String subject, WindowState next) {
        book = book.with(Slot.Kind.WINDOW, rule, subject, next);
    }

    @Override
    public DistinctState distinct(String rule, String subject) {
        return (DistinctState) book.get(Slot.Kind.DISTINCT, rule, subject);
    }

    @Override
    public void putDistinct(String rule, String subject, DistinctState next) {
        book = book.with(Slot.Kind.DISTINCT, rule, subject, next);
    }

    @Override
    public AbsenceState absence(String rule, String subject) {
        return (AbsenceState) book.get(Slot.Kind.ABSENCE, rule, subject);
    }

    @Override
    public void putAbsence(String rule, String subject, AbsenceState next) {
        book = book.with(Slot.Kind.ABSENCE, rule, subject, next);
    }

    @Override
    public LifecycleState lifecycle(String alert, String subject) {
        return (LifecycleState) book.get(Slot.Kind.LIFECYCLE, alert, subject);
    }

    @Override
    public void putLifecycle(String alert, String subject, LifecycleState next) {
        book = book.with(Slot.Kind.LIFECYCLE, alert, subject, next);
    }

    @Override
    public void forget(Slot slot) {
        book = book.with(slot.kind(), slot.name(), slot.subject(), null);
    }

    @Override
    public Slot[] slots() {
        return book.slots();
    }

    @Override
    public void wake(long millis) {
        earliest = Math.min(earliest, millis);
    }

    @Override
    public void forgetFrom(long millis) {
        forgets = Math.min(forgets, millis);
    }
}
