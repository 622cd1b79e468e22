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
package io.tocsin.source;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;

/**
 * Turns a {@link KubernetesRecord} into what the source emits. Called in the reader's task thread
 * only.
 *
 * @param <OUT> type of the elements of the stream
 */
public interface RecordDeserializer<OUT> extends Serializable, ResultTypeQueryable<OUT> {

    /** Returned by {@link #timestampMillis} for elements without a time of their own. */
    long NO_TIMESTAMP = Long.MIN_VALUE;

    /**
     * Deserializes one record.
     *
     * @return the element, or null where nothing is to be emitted
     * @throws IOException if the object's bytes cannot be understood; the record then becomes a
     *     {@link KubernetesRecord.Kind#DEAD_LETTER} record and is handed in again
     */
    OUT deserialize(KubernetesRecord record) throws IOException;

    /**
     * Event time of an element in epoch milliseconds, or {@link #NO_TIMESTAMP}. Never the time of
     * arrival.
     */
    long timestampMillis(OUT element);
}
