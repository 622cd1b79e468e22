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
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * What is remembered of the newest version of a lineage.
 *
 * @param uid uid of the event object
 * @param version its resourceVersion
 * @param count how often the failure was seen, as that version told
 * @param timeMillis event time of that version
 * @param epoch epoch of the source
 * @param expiresMillis event time at which this may be forgotten; {@code Long.MAX_VALUE} while
 *     event time is unknown
 */
@TypeInfo(SeenSerializer.Factory.class)
@StateType
public record Seen(
        String uid, String version, long count, long timeMillis, int epoch, long expiresMillis) {

    Seen expiringAt(long millis) {
        return new Seen(uid, version, count, timeMillis, epoch, millis);
    }
}
