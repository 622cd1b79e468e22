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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.event.EventRecord;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.source.event.ObjectLabels;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.object.ObjectRecord;
import io.tocsin.source.object.WatchedObject;
import io.tocsin.source.pack.PackedType;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateTypesTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                KubernetesRecord.class,
                KubernetesEvent.class,
                ObjectLabels.class,
                ObjectReference.class,
                WatchedObject.class
            })
    void serializesWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void packsWhatIsShuffled() {
        assertThat(TypeInformation.of(EventRecord.class)).isInstanceOf(PackedType.class);
        assertThat(TypeInformation.of(ObjectRecord.class)).isInstanceOf(PackedType.class);
    }
}
