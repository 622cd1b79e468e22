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

/** What can be worth a log line or a count in the life of a watch. */
@Pure
public enum Notice {
    /** The version is too old: a relist follows. */
    EXPIRED,
    /** Watches keep ending at once and empty: a relist follows. */
    INSTANT_CLOSES,
    /** Watches are refused while lists are answered: a relist follows. */
    NO_WATCH,
    /** Nothing was told for a while: a relist follows, to prove that nothing happened. */
    QUIET,
    /** The continue token is too old: the list starts again, keeping what was emitted. */
    CONTINUE_EXPIRED,
    /** The server keeps failing on this version: a relist follows. */
    ERRORS,
    /** The server does not know the version yet, or went back: a relist follows. */
    UNKNOWN_VERSION,
    /** The server went back in time: a new epoch begins. */
    ROLLED_BACK,
    /**
     * An object that was emitted is gone, and cannot have expired: etcd may have been restored. A
     * new epoch begins.
     */
    WITNESS_GONE,
    /** A list is not in key order: a crash within it will repeat some of it. */
    UNSORTED,
    /** The server ended a watch in order. */
    RECONNECT,
    /** A line or item cannot be understood. */
    MALFORMED,
    /** No connection, or it broke. */
    BROKEN,
    /** 401. */
    UNAUTHORIZED,
    /** 403. */
    FORBIDDEN,
    /** 404: the server has no such resource. */
    NOT_FOUND,
    /** 429. */
    THROTTLED,
    /** Any other refusal. */
    REFUSED,
    /** Contact was regained. */
    REGAINED;

    /** That of an HTTP status, or of the code of an error in a watch. */
    static Notice ofStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHORIZED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 429 -> THROTTLED;
            default -> REFUSED;
        };
    }

    /** Whether it is one of the repeated failures that are summarised until contact is regained. */
    public boolean isTrouble() {
        return switch (this) {
            case BROKEN, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, THROTTLED, REFUSED -> true;
            default -> false;
        };
    }

    /** Whether a relist follows. */
    public boolean isRelist() {
        return switch (this) {
            case EXPIRED,
                    INSTANT_CLOSES,
                    NO_WATCH,
                    QUIET,
                    CONTINUE_EXPIRED,
                    ERRORS,
                    UNKNOWN_VERSION ->
                    true;
            default -> false;
        };
    }
}
