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
package io.tocsin.source.api;

/**
 * What the API server (or the lack of it) told. The only input of the list-watch policy that comes
 * from outside.
 *
 * <p>Semantics: Kubernetes API concepts, "Efficient detection of changes" and "Retrieving large
 * results sets in chunks".
 */
public sealed interface Signal {

    /**
     * A watch was accepted, or a list began to answer. {@code serverTimeMillis}: its Date header,
     * or 0.
     */
    record Opened(long serverTimeMillis) implements Signal {}

    /** An item of a list page, or an ADDED or MODIFIED line of a watch, that the handler wanted. */
    record Upserted(ObjectVersion object) implements Signal {}

    /** A DELETED line of a watch: the last state, with the version of the deletion. */
    record Deleted(ObjectVersion object) implements Signal {}

    /**
     * The end of a list page; its items came before as {@link Upserted}.
     *
     * @param resourceVersion the list's version
     * @param continueToken null on the last page
     * @param serverTimeMillis Date header of the answer, or 0
     * @param items number of items of this page, unwanted ones included
     * @param sorted whether the page's keys came in ascending order of {@code namespace/name} as
     *     UTF-8 bytes
     * @param lastNamespace namespace of the page's last item
     * @param lastName name of the page's last item; null for an empty page
     */
    record Page(
            String resourceVersion,
            String continueToken,
            long serverTimeMillis,
            int items,
            boolean sorted,
            String lastNamespace,
            String lastName)
            implements Signal {}

    /**
     * A BOOKMARK line, an unknown line type with a version, or an object that the handler did not
     * want: the version may advance.
     */
    record Bookmark(String resourceVersion) implements Signal {}

    /**
     * The version, or the continue token, is too old: HTTP 410 or an ERROR line with code 410,
     * reason Expired or Gone.
     *
     * @param inStream whether it came as a line of a watch
     * @param continueToken the token that a 410 on a continue offers for the inconsistent rest, or
     *     null
     */
    record Expired(boolean inStream, String continueToken, String message) implements Signal {}

    /**
     * A watch ended, or the connection broke in whatever call.
     *
     * @param cause how
     * @param lines complete lines that were read
     * @param openMillis how long it was open
     */
    record Closed(Cause cause, long lines, long openMillis, String message) implements Signal {
        /** How a connection ended. */
        public enum Cause {
            /** The server ended it in order. */
            CLEAN,
            /** Reset, cut in mid-line, or no connection at all. */
            BROKEN,
            /**
             * Our own idle timer: nothing came for longer than the server was asked to keep it
             * open.
             */
            IDLE,
            /** We closed it. */
            CANCELLED
        }
    }

    /**
     * The server refused: an HTTP status of 400 or above other than 410, or an ERROR line with such
     * a code.
     *
     * @param status HTTP status or the Status object's code
     * @param retryAfterMillis what Retry-After or details.retryAfterSeconds asks for; 0 if nothing
     * @param resourceVersionTooLarge the asked version lies in the future of the server (cause
     *     ResourceVersionTooLarge)
     * @param message the Status object's message, or the beginning of the body; never credentials
     */
    record Refused(
            int status,
            long retryAfterMillis,
            boolean inStream,
            boolean resourceVersionTooLarge,
            String message)
            implements Signal {}

    /**
     * A line or item that is not what the API promises: no JSON, no version, no name, too large.
     *
     * @param raw its bytes, cut at a bound
     * @param reason what was wrong
     * @param namespace of the object, as far as it could be read; else null
     * @param name its name; null if it could not be read
     * @param uid its uid; null if it could not be read
     */
    record Malformed(byte[] raw, String reason, String namespace, String name, String uid)
            implements Signal {
        /** Of something that does not even say what it is. */
        public Malformed(byte[] raw, String reason) {
            this(raw, reason, null, null, null);
        }
    }
}
