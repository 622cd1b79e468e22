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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** Reads objects that are their own time in decimal, as {@link MemoryApi} tells them. */
final class PlainDeserializer implements RecordDeserializer<String> {

    private static final long serialVersionUID = 1L;

    @Override
    public String deserialize(KubernetesRecord record) throws IOException {
        if (record.kind() != KubernetesRecord.Kind.UPSERTED) {
            return record.kind() + ":" + record.fromMillis() + ":" + record.toMillis();
        }
        String time = new String(record.object(), StandardCharsets.UTF_8);
        if (!time.chars().allMatch(Character::isDigit)) {
            throw new IOException("no number");
        }
        return record.origin() + "/" + record.name() + "@" + time;
    }

    @Override
    public long timestampMillis(String element) {
        int at = element.indexOf('@');
        return at < 0 ? NO_TIMESTAMP : Long.parseLong(element.substring(at + 1));
    }

    @Override
    public TypeInformation<String> getProducedType() {
        return Types.STRING;
    }
}
