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

/** Capped exponential backoff with full jitter, never shorter than {@link #FLOOR_MILLIS}. */
@Pure
final class Backoff {

    static final long FLOOR_MILLIS = 50;
    private static final int MAX_DOUBLINGS = 20;

    private Backoff() {}

    /** Wait before the next attempt after {@code failures} failures in a row (1 for the first). */
    static long millis(ListWatchSettings settings, int failures, double random) {
        int doublings = Math.min(Math.max(failures, 1) - 1, MAX_DOUBLINGS);
        long bound =
                Math.min(settings.backoffCapMillis(), settings.backoffBaseMillis() << doublings);
        return Math.max(FLOOR_MILLIS, (long) (random * bound));
    }
}
