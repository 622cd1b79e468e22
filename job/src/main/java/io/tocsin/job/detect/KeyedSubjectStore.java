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

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** Flink's keyed state as the detector wants it: the current key's. Threads: the task's only. */
final class KeyedSubjectStore implements SubjectStore {

    private final MapState<String, WindowState> windows;
    private final MapState<String, AbsenceState> absences;
    private final MapState<String, LifecycleState> lifecycles;

    private long earliest = Long.MAX_VALUE;

    KeyedSubjectStore(RuntimeContext context) {
        windows = map(context, "windows", WindowState.class);
        absences = map(context, "absences", AbsenceState.class);
        lifecycles = map(context, "lifecycles", LifecycleState.class);
    }

    private static <V> MapState<String, V> map(RuntimeContext context, String name, Class<V> type) {
        return context.getMapState(
                new MapStateDescriptor<>(name, Types.STRING, TypeInformation.of(type)));
    }

    /** Forgets the wakes that were asked for before. */
    KeyedSubjectStore fresh() {
        earliest = Long.MAX_VALUE;
        return this;
    }

    /** The earliest wake that was asked for, or {@code Long.MAX_VALUE}. */
    long earliest() {
        return earliest;
    }

    @Override
    public WindowState window(String rule) {
        return get(windows, rule);
    }

    @Override
    public void putWindow(String rule, WindowState state) {
        put(windows, rule, state);
    }

    @Override
    public AbsenceState absence(String rule) {
        return get(absences, rule);
    }

    @Override
    public void putAbsence(String rule, AbsenceState state) {
        put(absences, rule, state);
    }

    @Override
    public LifecycleState lifecycle(String alert) {
        return get(lifecycles, alert);
    }

    @Override
    public void putLifecycle(String alert, LifecycleState state) {
        put(lifecycles, alert, state);
    }

    @Override
    public Map<String, WindowState> windows() {
        return copy(windows);
    }

    @Override
    public Map<String, AbsenceState> absences() {
        return copy(absences);
    }

    @Override
    public Map<String, LifecycleState> lifecycles() {
        return copy(lifecycles);
    }

    @Override
    public void wake(long millis) {
        earliest = Math.min(earliest, millis);
    }

    private static <V> V get(MapState<String, V> state, String key) {
        try {
            return state.get(key);
        } catch (Exception e) {
            throw new IllegalStateException("Reading detection state of " + key + " failed.", e);
        }
    }

    private static <V> void put(MapState<String, V> state, String key, V value) {
        try {
            if (value == null) {
                state.remove(key);
            } else {
                state.put(key, value);
            }
        } catch (Exception e) {
            throw new IllegalStateException("Writing detection state of " + key + " failed.", e);
        }
    }

    private static <V> Map<String, V> copy(MapState<String, V> state) {
        try {
            Map<String, V> copy = new HashMap<>();
            for (Map.Entry<String, V> entry : state.entries()) {
                copy.put(entry.getKey(), entry.getValue());
            }
            return copy;
        } catch (Exception e) {
            throw new IllegalStateException("Reading detection state failed.", e);
        }
    }
}
