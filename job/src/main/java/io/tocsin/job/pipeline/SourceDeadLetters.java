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

import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** What the source could not read, as dead letters. Their time is the server's. */
final class SourceDeadLetters extends ProcessFunction<EventRecord, DeadLetter> {
    private static final long serialVersionUID = 1L;
    private static final byte[] NOTHING = {};

    @Override
    public void processElement(EventRecord record, Context context, Collector<DeadLetter> letters) {
        KubernetesRecord envelope = record.envelope();
        if (envelope.kind() != KubernetesRecord.Kind.DEAD_LETTER) {
            return;
        }
        Long time = context.timestamp();
        letters.collect(
                new DeadLetter(
                        "source",
                        envelope.cluster() + "/" + envelope.scope(),
                        envelope.reason() == null ? "not understood" : envelope.reason(),
                        // without one while the server's clock is not yet known
                        time == null || time < 0 ? 0 : time,
                        envelope.object() == null ? NOTHING : envelope.object()));
    }
}
