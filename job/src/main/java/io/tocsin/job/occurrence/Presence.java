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

import io.tocsin.annotation.StateType;

/**
 * As of what an object was there for certain.
 *
 * @param epoch epoch of the source
 * @param version the object's own version, or the greater one of a list that showed it
 * @param uid uid of the object
 */
@StateType
public record Presence(int epoch, String version, String uid) {

    /**
     * Whether an object is gone, once a list has ended that would have shown it.
     *
     * @param listEpoch epoch of the list
     * @param listVersion version of the list
     */
    boolean endsWith(int listEpoch, String listVersion) {
        return epoch < listEpoch
                || epoch == listEpoch && CountLedger.compareVersions(version, listVersion) < 0;
    }

    /** The later one of two. */
    Presence max(Presence other) {
        if (other == null || other.epoch != epoch) {
            return other == null || other.epoch < epoch ? this : other;
        }
        return CountLedger.compareVersions(version, other.version) >= 0 ? this : other;
    }
}
