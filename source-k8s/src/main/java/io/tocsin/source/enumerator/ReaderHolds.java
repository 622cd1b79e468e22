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
package io.tocsin.source.enumerator;

import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader tells, once after it has started, what it found in its state; before that it gets
 * nothing.
 *
 * @param reading ids of the splits that it reads
 * @param waiting splits that it keeps and does not read, since they are no longer configured so:
 *     with their positions, for those that take over from them
 * @param version of the splits' serializer
 */
public record ReaderHolds(List<String> reading, List<byte[]> waiting, int version)
        implements SourceEvent {

    /** Of these splits. */
    public static ReaderHolds of(Collection<String> reading, Collection<ResourceSplit> waiting)
            throws IOException {
        ResourceSplitSerializer serializer = new ResourceSplitSerializer();
        List<byte[]> bytes = new ArrayList<>();
        for (ResourceSplit split : waiting) {
            bytes.add(serializer.serialize(split));
        }
        return new ReaderHolds(List.copyOf(reading), bytes, serializer.getVersion());
    }

    /** The splits that wait. */
    public List<ResourceSplit> waitingSplits() throws IOException {
        ResourceSplitSerializer serializer = new ResourceSplitSerializer();
        List<ResourceSplit> splits = new ArrayList<>();
        for (byte[] bytes : waiting) {
            splits.add(serializer.deserialize(version, bytes));
        }
        return splits;
    }
}
