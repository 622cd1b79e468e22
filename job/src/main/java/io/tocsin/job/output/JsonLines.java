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
package io.tocsin.job.output;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;

/** One JSON document per line: the contract of the outputs {@code json} and {@code file}. */
@Pure
public final class JsonLines implements LineFormat {
    private static final long serialVersionUID = 1L;

    @Override
    public String alert(Alert alert) {
        return AlertDocument.of(alert);
    }

    @Override
    public String event(Occurrence event) {
        return EventDocument.of(event);
    }

    @Override
    public String late(Candidate late) {
        return LateDocument.of(late);
    }

    @Override
    public String gap(KubernetesRecord record) {
        return WatchDocument.gap(record);
    }

    @Override
    public String deadLetter(DeadLetter letter) {
        return WatchDocument.deadLetter(letter);
    }
}
