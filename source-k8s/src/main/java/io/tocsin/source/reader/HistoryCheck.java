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
package io.tocsin.source.reader;

import io.tocsin.annotation.Pure;
import io.tocsin.source.split.Position;

/**
 * Asks whether the server still has the history that a position belongs to: its etcd may have been
 * restored to an older state. A watch does not tell: one from a version in the future is accepted,
 * and says nothing.
 *
 * <p>Due after a restart and after trouble, before anything else is asked. An answer holds for a
 * moment, so that a flapping server is not asked twice as often as without.
 */
@Pure
final class HistoryCheck {

    /** For how long an answer holds: nobody restores an etcd in that time. */
    static final long HOLDS_MILLIS = 2_000;

    private boolean doubted;
    private boolean checked;
    private long checkedMillis;

    /** Something happened behind which the server may have become another. */
    void doubt() {
        doubted = true;
    }

    /** Whether the server is to be asked before the next list or watch. */
    boolean isDue(Position position, Moment now) {
        return doubted
                && !position.newest().isNone()
                && !(checked && now.elapsedMillis() - checkedMillis < HOLDS_MILLIS);
    }

    /** The question that is next. */
    Call request(Position position) {
        return new Call.Probe(position.newest().value());
    }

    /** Nothing is left to ask. */
    void done(Moment now) {
        doubted = false;
        checked = true;
        checkedMillis = now.elapsedMillis();
    }
}
