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
package io.tocsin.job.pipeline;

/**
 * Uids of the operators around detection. Constants, never renamed: a checkpoint finds its state by
 * them. Those of one cluster end in the cluster's name.
 */
final class OutputUids {
    static final String EVENTS = "events-source/";

    /** Follows the resource of a source of objects, before the cluster's name. */
    static final String SOURCE = "-source/";

    static final String OBJECT_WATCHES = "object-watches/";
    static final String WATCH_LINES = "watch-lines/";
    static final String DEAD_LETTERS = "dead-letters/";
    static final String DEAD_LETTER_LINES = "dead-letter-lines/";
    static final String DEAD_LETTER_SINK = "dead-letter-sink";
    static final String LATE_LINES = "late-lines/";
    static final String EVENT_LINES = "event-lines/";
    static final String ALERT_LINES = "alert-lines/";
    static final String OUTPUT = "output";
    static final String NOTIFICATIONS = "notifications";
    static final String WEBHOOKS = "webhooks";

    private OutputUids() {}
}
