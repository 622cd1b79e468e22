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
package io.tocsin.source;

import io.tocsin.annotation.StateType;

/**
 * One thing that a watched Kubernetes resource told: an object version, or something about the
 * watch itself.
 *
 * <p>Who keeps objects of which it matters that they vanished (all but events) retires them by what
 * it last saw of each: the version of {@link Kind#UPSERTED}, or the greater one of {@link
 * Kind#PRESENT}. At a {@link Kind#LIST_END} every object of that scope that was not seen as of at
 * least that version, or was seen in an earlier epoch, is gone. {@link Kind#DELETED} tells most of
 * it sooner. What is {@link Kind#UNWATCHED} it forgets: nobody tells any more what becomes of it.
 *
 * <p>A flat record with a kind, because variants behind a sealed type cannot be serialized by Flink
 * without Kryo. Components that a kind does not use are null (or 0 for times).
 *
 * @param kind what this record says
 * @param origin how an object version was learned; null for records about the watch
 * @param cluster name of the cluster, as configured
 * @param resource plural name of the resource, such as {@code events}
 * @param scope {@code *} for all namespaces, or the name of one namespace
 * @param epoch number of etcd restores that were noticed; versions of different epochs must not be
 *     compared
 * @param namespace namespace of the object; null for cluster-scoped objects
 * @param name name of the object
 * @param uid uid of the object
 * @param resourceVersion version of the object; for {@link Kind#PRESENT} and {@link Kind#LIST_END}
 *     that of the list
 * @param object the object as JSON in UTF-8, or the raw bytes of a line for {@link
 *     Kind#DEAD_LETTER}; null where there is none
 * @param fromMillis begin of a blind interval, epoch milliseconds of the server's clock
 * @param toMillis end of a blind interval; 0 while it lasts
 * @param reason why, in words, for {@link Kind#BLIND}, {@link Kind#POSSIBLE_LOSS} and {@link
 *     Kind#DEAD_LETTER}
 */
@StateType
public record KubernetesRecord(
        Kind kind,
        Origin origin,
        String cluster,
        String resource,
        String scope,
        int epoch,
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        byte[] object,
        long fromMillis,
        long toMillis,
        String reason) {

    /** What a record says. Constants may be added, never removed or renamed. */
    public enum Kind {
        /** An object was created or changed. */
        UPSERTED,
        /**
         * An object was deleted, or expired. Never complete: deletions during a gap are not told.
         */
        DELETED,
        /**
         * An object that a list showed, after its {@link #UPSERTED} if that was new: it was there
         * as of the version of the list. Not for events.
         */
        PRESENT,
        /**
         * A list has ended; what was emitted as {@link Origin#LISTED} since the last such record
         * belongs to it. Told for every list where {@link #PRESENT} is, else for the first, and for
         * those that found something.
         */
        LIST_END,
        /**
         * Contact was lost from {@code fromMillis} to {@code toMillis}; everything of that time was
         * or will be emitted.
         */
        BLIND,
        /**
         * Objects may have come and gone unseen between {@code fromMillis} and {@code toMillis}.
         */
        POSSIBLE_LOSS,
        /** A line that could not be parsed twice in a row; its bytes are in {@code object}. */
        DEAD_LETTER,
        /**
         * The scope is watched no more while the source goes on: its labels select it no longer, or
         * it is gone. When it is watched again, its first list finds everything anew. Not for
         * events.
         */
        UNWATCHED
    }

    /** How an object version was learned. Constants may be added, never removed or renamed. */
    public enum Origin {
        /** By a watch. */
        WATCH,
        /** By a list: it was found, and may have happened long ago. */
        LISTED,
        /**
         * By the first list of a source that starts at the latest state: only later changes count.
         */
        BASELINE
    }
}
