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

import io.tocsin.job.output.LineFormat;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/** Records about the watch itself, as lines: blindness and possible loss. */
final class WatchLines implements FlatMapFunction<EventRecord, String> {
    private static final long serialVersionUID = 1L;

    private final LineFormat format;

    WatchLines(LineFormat format) {
        this.format = format;
    }

    @Override
    public void flatMap(EventRecord record, Collector<String> lines) {
        KubernetesRecord envelope = record.envelope();
        switch (envelope.kind()) {
            case BLIND, POSSIBLE_LOSS -> lines.collect(format.gap(envelope));
            default -> {
                // an object is detection's business, a dead letter goes its own way
            }
        }
    }
}
