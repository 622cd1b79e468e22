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

/**
 * One thing that is remembered of a subject. Never changes.
 *
 * @param kind what it is, and so the type of {@code value}
 * @param name of a window or an absence the rule's name, of a lifecycle the alert's
 * @param subject the subject, among those of the place; or what the keys of several begin with, for
 *     when all of them were cleared
 * @param value a {@link WindowState}, an {@link AbsenceState}, a {@link LifecycleState} or a {@link
 *     DistinctState}
 */
record Slot(Kind kind, String name, String subject, Object value) {

    /** What is remembered. Constants may be added, never removed or renamed. */
    enum Kind {
        WINDOW,
        ABSENCE,
        LIFECYCLE,
        DISTINCT
    }

    boolean is(Kind ofKind, String ofName, String ofSubject) {
        return kind == ofKind && name.equals(ofName) && subject.equals(ofSubject);
    }

    boolean isLifeOf(String alert) {
        return kind == Kind.LIFECYCLE && name.equals(alert);
    }

    boolean isOpenLifeOf(String alert) {
        return isLifeOf(alert) && lifecycle().isOpen();
    }

    WindowState window() {
        return (WindowState) value;
    }

    AbsenceState absence() {
        return (AbsenceState) value;
    }

    DistinctState distinct() {
        return (DistinctState) value;
    }

    LifecycleState lifecycle() {
        return (LifecycleState) value;
    }
}
