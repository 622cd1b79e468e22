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
package io.tocsin.source.reader;

import io.tocsin.annotation.Pure;
import io.tocsin.source.Startup;
import java.io.Serializable;

/**
 * What can be chosen of the list-watch policy. Times in milliseconds.
 *
 * @param startup where an unread split starts
 * @param bounded list once, then finish
 * @param pageSize items per page
 * @param backoffBaseMillis greatest wait after the first failure; doubles with each
 * @param backoffCapMillis greatest wait ever, except where Retry-After asks for more: then up to 2
 *     minutes, 5 where it comes with a 429
 * @param quietStepMillis quiet time per page of the last list before a relist
 * @param quietMinMillis its lower bound
 * @param quietMaxMillis its upper bound
 * @param watchTimeoutMillis how long a watch is asked to stay open; up to twice that, at random
 * @param blindAfterMillis from when on a lost contact is told as blindness
 * @param pageBufferBytes what of a page is held back until its end is known
 * @param objectTtlMillis how long the server keeps objects that nobody changes; 0 for ever
 * @param presence whether lists tell all objects as present, because it matters that one vanished
 * @param aheadBufferBytes what a watch that is opened while a list goes on may hold
 */
@Pure
public record ListWatchSettings(
        Startup startup,
        boolean bounded,
        int pageSize,
        long backoffBaseMillis,
        long backoffCapMillis,
        long quietStepMillis,
        long quietMinMillis,
        long quietMaxMillis,
        long watchTimeoutMillis,
        long blindAfterMillis,
        long pageBufferBytes,
        long objectTtlMillis,
        boolean presence,
        long aheadBufferBytes)
        implements Serializable {

    /** The settings of an unconfigured source of events. */
    public static ListWatchSettings defaults() {
        return builder().build();
    }

    /** Settings to change; without a change those of {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects settings, each by the name of its component. */
    public static final class Builder {

        private Startup startup = Startup.EARLIEST;
        private boolean bounded;
        private int pageSize = 500;
        private long backoffBaseMillis = 800;
        private long backoffCapMillis = 30_000;
        private long quietStepMillis = 5_000;
        private long quietMinMillis = 10_000;
        private long quietMaxMillis = 120_000;
        private long watchTimeoutMillis = 300_000;
        private long blindAfterMillis = 60_000;
        private long pageBufferBytes = 8 << 20;
        private long objectTtlMillis = 3_600_000;
        private boolean presence;
        private long aheadBufferBytes = 8 << 20;

        private Builder() {}

        public Builder startup(Startup value) {
            startup = value;
            return this;
        }

        public Builder bounded(boolean value) {
            bounded = value;
            return this;
        }

        public Builder pageSize(int value) {
            pageSize = value;
            return this;
        }

        public Builder backoffBaseMillis(long value) {
            backoffBaseMillis = value;
            return this;
        }

        public Builder backoffCapMillis(long value) {
            backoffCapMillis = value;
            return this;
        }

        public Builder quietStepMillis(long value) {
            quietStepMillis = value;
            return this;
        }

        public Builder quietMinMillis(long value) {
            quietMinMillis = value;
            return this;
        }

        public Builder quietMaxMillis(long value) {
            quietMaxMillis = value;
            return this;
        }

        public Builder watchTimeoutMillis(long value) {
            watchTimeoutMillis = value;
            return this;
        }

        public Builder blindAfterMillis(long value) {
            blindAfterMillis = value;
            return this;
        }

        public Builder pageBufferBytes(long value) {
            pageBufferBytes = value;
            return this;
        }

        public Builder objectTtlMillis(long value) {
            objectTtlMillis = value;
            return this;
        }

        public Builder presence(boolean value) {
            presence = value;
            return this;
        }

        public Builder aheadBufferBytes(long value) {
            aheadBufferBytes = value;
            return this;
        }

        /** The settings so far. */
        public ListWatchSettings build() {
            return new ListWatchSettings(
                    startup,
                    bounded,
                    pageSize,
                    backoffBaseMillis,
                    backoffCapMillis,
                    quietStepMillis,
                    quietMinMillis,
                    quietMaxMillis,
                    watchTimeoutMillis,
                    blindAfterMillis,
                    pageBufferBytes,
                    objectTtlMillis,
                    presence,
                    aheadBufferBytes);
        }
    }
}
