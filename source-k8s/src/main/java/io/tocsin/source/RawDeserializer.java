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

import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Emits records as they are, object bytes included: for recordings and archives. Their elements
 * carry no event time of their own.
 */
public final class RawDeserializer implements RecordDeserializer<KubernetesRecord> {

    private static final long serialVersionUID = 1L;

    @Override
    public KubernetesRecord deserialize(KubernetesRecord record) {
        return record;
    }

    @Override
    public long timestampMillis(KubernetesRecord element) {
        return NO_TIMESTAMP;
    }

    @Override
    public TypeInformation<KubernetesRecord> getProducedType() {
        return TypeInformation.of(KubernetesRecord.class);
    }
}
