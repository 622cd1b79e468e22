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

import io.tocsin.job.model.Candidate;
import io.tocsin.job.output.LineFormat;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;

/** Counts what came too late to ring ({@code lateRecords}), and writes it where that is wanted. */
final class LateRecords extends RichFlatMapFunction<Candidate, String> {
    private static final long serialVersionUID = 1L;

    private final LineFormat format;
    private final boolean lines;
    private transient Counter late;

    /**
     * @param lines whether to write a line for each
     */
    LateRecords(LineFormat format, boolean lines) {
        this.format = format;
        this.lines = lines;
    }

    @Override
    public void open(OpenContext context) {
        late = getRuntimeContext().getMetricGroup().counter("lateRecords");
    }

    @Override
    public void flatMap(Candidate candidate, Collector<String> out) {
        late.inc();
        if (lines) {
            out.collect(format.late(candidate));
        }
    }
}
