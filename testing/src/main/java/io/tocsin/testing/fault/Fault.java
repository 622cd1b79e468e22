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
package io.tocsin.testing.fault;

/** What a {@link FaultProxy} can do to a client; its counters are kept by these. */
public enum Fault {
    /** Answered itself, without asking the server. */
    ANSWER,
    /** Closed the connection without a byte, or in the middle of an answer. */
    CLOSE,
    /** Reset the connection (TCP RST). */
    RESET,
    /** Said nothing more on a connection that stays open. */
    SILENCE,
    /** Waited before it passed something on. */
    DELAY,
    /** Had the test do something before it passed something on. */
    MEANWHILE,
    /** Passed a body on at a limited rate; counted once per answer. */
    THROTTLE,
    /** Passed something on in small pieces; counted once per piece. */
    SPLIT,
    /** Changed the header Date. */
    DATE,
    /** Set a header of the server's answer. */
    HEADER,
    /** Added a line of its own. */
    INSERT_LINE,
    /** Passed on another line in place of one. */
    REPLACE_LINE,
    /** Left out a line. */
    DROP_LINE,
    /** Ended a body properly before its end. */
    END,
    /** Broke or refused a connection while cut ({@link FaultProxy#cut}). */
    CUT,
    /** Held something back while frozen ({@link FaultProxy#freeze}). */
    FREEZE
}
