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

/** What the driver of a split does next. */
@Pure
public sealed interface Call {

    /** Asks whether the server knows a version. */
    record Probe(String version) implements Call {}

    /** Looks for one object. Components as of {@code ResourceApi.look}. */
    record Look(String namespace, String name) implements Call {}

    /** Lists one page. Components as of {@code ResourceApi.list}. */
    record List(int limit, String continueToken, String exactVersion) implements Call {}

    /**
     * Watches. A watch ahead that was opened at this version, and is still good, goes on instead.
     *
     * @param timeoutMillis how long the server is asked to keep it open
     * @param quietMillis after how long without any line the driver ends it and tells {@link
     *     ListWatch#quiet}
     */
    record Watch(String version, long timeoutMillis, long quietMillis) implements Call {}

    /**
     * Waits.
     *
     * @param reloadCredentials re-read credentials afterwards
     */
    record Wait(long millis, boolean reloadCredentials) implements Call {}

    /** Nothing is left to do: a bounded split was listed. */
    record Finish() implements Call {}
}
