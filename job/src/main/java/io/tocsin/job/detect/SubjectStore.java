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
 * What is remembered of the subjects of one place: windows, values and absences by rule, lifecycles
 * by alert. Values are replaced, never changed; null removes.
 */
interface SubjectStore {

    WindowState window(String rule, String subject);

    void putWindow(String rule, String subject, WindowState state);

    DistinctState distinct(String rule, String subject);

    void putDistinct(String rule, String subject, DistinctState state);

    AbsenceState absence(String rule, String subject);

    void putAbsence(String rule, String subject, AbsenceState state);

    LifecycleState lifecycle(String alert, String subject);

    void putLifecycle(String alert, String subject, LifecycleState state);

    /** Forgets one thing. */
    void forget(Slot slot);

    /** All of it as it is now; never written to, also while the store changes. */
    Slot[] slots();

    /** Time must be looked at again no later than this. */
    void wake(long millis);

    /** Some of it may be forgotten from this time on, and matters no more; there is no hurry. */
    void forgetFrom(long millis);
}
