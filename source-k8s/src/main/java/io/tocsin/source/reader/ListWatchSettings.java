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

    private static final long EVENT_TTL_MILLIS = 3_600_000;
    private static final long AHEAD_BUFFER_BYTES = 8 << 20;

    /** Settings for objects that live as events do by default. */
    public ListWatchSettings(
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
            long pageBufferBytes) {
        this(
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
                EVENT_TTL_MILLIS,
                false,
                AHEAD_BUFFER_BYTES);
    }

    /** The same settings for objects that live as long as this. */
    public ListWatchSettings withObjectTtl(long millis) {
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
                millis,
                presence,
                aheadBufferBytes);
    }

    /** The same settings with or without presence. */
    public ListWatchSettings withPresence(boolean told) {
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
                told,
                aheadBufferBytes);
    }

    /** The same settings with another bound for a watch ahead. */
    public ListWatchSettings withAheadBuffer(long bytes) {
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
                bytes);
    }

    /** The settings of an unconfigured source. */
    public static ListWatchSettings defaults() {
        return new ListWatchSettings(
                Startup.EARLIEST,
                false,
                500,
                800,
                30_000,
                5_000,
                10_000,
                120_000,
                300_000,
                60_000,
                8 << 20);
    }
}
