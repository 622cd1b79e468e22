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
package io.tocsin.job.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.detect.SubjectBook;
import io.tocsin.job.detect.WaitingCandidate;
import io.tocsin.job.occurrence.NodeSigns;
import io.tocsin.job.occurrence.ObjectSeen;
import io.tocsin.job.occurrence.Presence;
import io.tocsin.job.occurrence.Seen;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.pack.PackedType;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateTypesTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                Alert.class,
                Labels.class,
                DeadLetter.class,
                WaitingCandidate.class,
                Interruption.class,
                NodeSigns.class,
                Presence.class
            })
    void serializesWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Occurrence.class,
                Candidate.class,
                Seen.class,
                ObjectSeen.class,
                SubjectBook.class
            })
    void packsWhatEveryOccurrenceNeeds(Class<?> type) {
        assertThat(TypeInformation.of(type)).isInstanceOf(PackedType.class);
    }
}
