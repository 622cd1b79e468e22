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

/** What the driver of a split does because of a signal. */
@Pure
public sealed interface Action {

    /** Hands an element to the emitter. */
    record Emit(Element element) implements Action {}

    /** Tells metrics and the log. */
    record Report(Notice notice, String message) implements Action {}

    /** Ends the call that is under way. */
    record Cancel() implements Action {}

    /**
     * Opens a watch beside the list that goes on, and keeps what it tells until {@link Call.Watch}
     * asks for a watch at this version. Without it all is right as well, only more often too late.
     *
     * @param version of the list
     * @param timeoutMillis how long the server is asked to keep it open
     */
    record WatchAhead(String version, long timeoutMillis) implements Action {}

    /** Ends the job: going on cannot be right. */
    record Fail(String message) implements Action {}
}
