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
package io.tocsin.job.occurrence;

import io.tocsin.job.model.Occurrence.Origin;

/**
 * How a version of an object was seen.
 *
 * @param cluster name of the cluster
 * @param resource what is watched, such as {@code pods}
 * @param epoch epoch of the source
 * @param origin how it was learned
 * @param first whether what is watched was never listed to its end before: what is found may have
 *     been there for long
 * @param serverMillis no later than this by the cluster's clock; 0 if that is not known
 */
public record Sight(
        String cluster,
        String resource,
        int epoch,
        Origin origin,
        boolean first,
        long serverMillis) {

    /** A time, but never later than this was seen; where there is none, another one. */
    long bounded(long millis, long otherwise) {
        long time = millis > 0 ? millis : otherwise > 0 ? otherwise : serverMillis;
        return serverMillis > 0 ? Math.min(time, serverMillis) : time;
    }
}
