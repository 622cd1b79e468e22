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
package io.tocsin.sink.webhook;

/** What came of one attempt, before anyone judged it. Never holds a URL or a secret. */
sealed interface Answer {

    /**
     * The receiver answered.
     *
     * @param status HTTP status
     * @param retryAfter the header, or null
     * @param date the header, or null
     * @param contentType the header, or null
     * @param body the beginning of the body, as text
     */
    record Response(int status, String retryAfter, String date, String contentType, String body)
            implements Answer {}

    /**
     * There was no complete answer.
     *
     * @param kind how far it came
     * @param reason for people, without secrets
     */
    record Failure(Kind kind, String reason) implements Answer {}

    /** How far a failed attempt came. */
    enum Kind {
        /** Nothing was sent: refused, unknown host, URL or secret not available. */
        NOT_SENT,
        /** Something may have been sent: timeout, reset, cut answer. */
        UNKNOWN,
        /** This very request can never be sent over HTTP. */
        IMPOSSIBLE
    }
}
