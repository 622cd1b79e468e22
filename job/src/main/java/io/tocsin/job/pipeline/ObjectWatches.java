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
package io.tocsin.job.pipeline;

import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectRecord;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * What the watches of objects tell of themselves, in the form in which the watch of events does.
 */
final class ObjectWatches implements FlatMapFunction<ObjectRecord, EventRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public void flatMap(ObjectRecord record, Collector<EventRecord> watches) {
        switch (record.envelope().kind()) {
            case BLIND, POSSIBLE_LOSS, DEAD_LETTER ->
                    watches.collect(new EventRecord(record.envelope(), null));
            default -> {
                // an object is detection's business
            }
        }
    }
}
