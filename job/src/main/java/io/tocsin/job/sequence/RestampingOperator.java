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
package io.tocsin.job.sequence;

import io.tocsin.job.model.Candidate;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Runs {@link SequenceInput}, and gives what it lets through the time of the occurrence: flink-cep
 * orders by the records' timestamps, which are those of the versions that told of it, and a
 * function cannot change them.
 */
final class RestampingOperator extends ProcessOperator<Candidate, Candidate> {

    private static final long serialVersionUID = 1L;

    RestampingOperator(SequenceInput input) {
        super(input);
    }

    @Override
    public void processElement(StreamRecord<Candidate> element) throws Exception {
        Candidate candidate = element.getValue();
        super.processElement(new StreamRecord<>(candidate, candidate.toMillis()));
    }
}
