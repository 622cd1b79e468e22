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

import java.util.Map;

/**
 * The state of one subject: windows and absences by rule, lifecycles by alert. Values are replaced,
 * never changed; null removes.
 */
interface SubjectStore {

    WindowState window(String rule);

    void putWindow(String rule, WindowState state);

    AbsenceState absence(String rule);

    void putAbsence(String rule, AbsenceState state);

    LifecycleState lifecycle(String alert);

    void putLifecycle(String alert, LifecycleState state);

    /** A copy, which may be iterated while the store changes. */
    Map<String, WindowState> windows();

    /** A copy, which may be iterated while the store changes. */
    Map<String, AbsenceState> absences();

    /** A copy, which may be iterated while the store changes. */
    Map<String, LifecycleState> lifecycles();

    /** Time must be looked at again no later than this. */
    void wake(long millis);
}
