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
package io.tocsin.job.time;

import io.tocsin.job.model.Interruption;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * The interruptions that a task was told of, which are in its broadcast state {@link #BLIND}.
 * Belongs to one operator, and is used by its thread only.
 */
public final class KnownInterruptions implements Serializable {

    /** The interruptions, by {@link Interruption#key}. */
    public static final MapStateDescriptor<String, Interruption> BLIND =
            new MapStateDescriptor<>("blind", Types.STRING, TypeInformation.of(Interruption.class));

    private static final long serialVersionUID = 1L;

    private final String[] scopes;

    private transient BlindIntervals intervals;

    /**
     * @param scopes what is watched: namespaces, or {@code *}; none if that is not known
     */
    public KnownInterruptions(String... scopes) {
        this.scopes = scopes.clone();
    }

    /**
     * Keeps what is told, and forgets what that makes known better, and what is long over.
     *
     * @param watermark event time
     * @param longestMillis for how long an interruption that is over can matter
     */
    public void tell(
            Interruption told,
            BroadcastState<String, Interruption> state,
            long watermark,
            long longestMillis)
            throws Exception {
        long forgotten = watermark - longestMillis;
        List<String> old = new ArrayList<>();
        for (Map.Entry<String, Interruption> entry : state.immutableEntries()) {
            long to = entry.getValue().toMillis();
            // Guards against underflow before the first watermark.
            boolean passed = watermark > 0 && to != 0 && to < forgotten;
            boolean ended = to == 0 && entry.getValue().isOfSame(told);
            if (passed || ended || !concerns(entry.getValue())) {
                old.add(entry.getKey());
            }
        }
        for (String key : old) {
            state.remove(key);
        }
        intervals = null;
        state.put(told.key(), told);
    }

    /** Made once for each change: timers ask for it far more often than contact is lost. */
    public BlindIntervals get(ReadOnlyBroadcastState<String, Interruption> state) throws Exception {
        if (intervals != null) {
            return intervals;
        }
        List<Interruption> all = new ArrayList<>();
        for (Map.Entry<String, Interruption> entry : state.immutableEntries()) {
            if (concerns(entry.getValue())) {
                all.add(entry.getValue());
            }
        }
        intervals = all.isEmpty() ? BlindIntervals.NONE : new BlindIntervals(all);
        return intervals;
    }

    /** What was told of a scope that is no longer watched never ends, and concerns nothing. */
    private boolean concerns(Interruption told) {
        return !told.isOfNamespaces()
                || scopes.length == 0
                || Arrays.asList(scopes).contains(told.scope());
    }
}
