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
package io.tocsin.job.occurrence;

import io.tocsin.annotation.StateType;
import io.tocsin.source.object.WatchedObject;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * What is remembered of a watched object.
 *
 * @param epoch epoch of the source in which it was seen
 * @param object its newest version
 * @param ends how often each of its containers had ended, as far as that was told: at the index of
 *     the container
 * @param endMillis when each of its containers ended the last time, as far as that was told; 0 if
 *     it never did
 */
@TypeInfo(ObjectSeenSerializer.Factory.class)
@StateType
public record ObjectSeen(int epoch, WatchedObject object, long[] ends, long[] endMillis) {

    /** The index of a container, or -1 if nothing was told of it. */
    int container(String container, boolean init) {
        int index = object.container(container, init);
        return index < Math.min(ends.length, endMillis.length) ? index : -1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectSeen that
                && epoch == that.epoch
                && Objects.equals(object, that.object)
                && Arrays.equals(ends, that.ends)
                && Arrays.equals(endMillis, that.endMillis);
    }

    @Override
    public int hashCode() {
        return Objects.hash(epoch, object, Arrays.hashCode(ends), Arrays.hashCode(endMillis));
    }

    @Override
    public String toString() {
        return "ObjectSeen["
                + epoch
                + ", "
                + object
                + ", "
                + Arrays.toString(ends)
                + ", "
                + Arrays.toString(endMillis)
                + "]";
    }
}
