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

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Occurrence;
import io.tocsin.source.KubernetesRecord;

/** How occurrences are learned, by how the source learned the version that tells them. */
@Pure
final class Origins {

    private Origins() {}

    static Occurrence.Origin of(KubernetesRecord.Origin origin) {
        if (origin == null) {
            return Occurrence.Origin.LIVE;
        }
        return switch (origin) {
            case WATCH -> Occurrence.Origin.LIVE;
            case LISTED -> Occurrence.Origin.LISTED;
            case BASELINE -> Occurrence.Origin.BASELINE;
        };
    }
}
