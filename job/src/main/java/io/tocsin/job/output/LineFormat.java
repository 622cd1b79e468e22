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

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;
import java.io.Serializable;

/** How things look as lines of an output. Lines carry no line end. Stateless. */
public interface LineFormat extends Serializable {

    /** An alert's change. */
    String alert(Alert alert);

    /** A version of an event object. */
    String event(Occurrence event);

    /** What came too late to open an alert. */
    String late(Candidate late);

    /** A record of kind BLIND or POSSIBLE_LOSS. */
    String gap(KubernetesRecord record);

    /** Something that could not be read or delivered. */
    String deadLetter(DeadLetter letter);
}
