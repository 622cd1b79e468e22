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
package io.tocsin.job.model;

import io.tocsin.annotation.StateType;

/**
 * A change of one alert: it began to wait, rang, or is over. The latest change says everything.
 *
 * @param id identity of this episode: a fingerprint of cluster, alert, subject and startsAt; the
 *     same in all changes of an episode, and a new one when the alert rings again after it was
 *     resolved
 * @param cluster name of the cluster
 * @param rule name of the alert (rules may share one)
 * @param subject what it is about: the values of the rule's {@code per}, readable
 * @param labels labels of its first firing
 * @param status pending, firing or resolved
 * @param severity severity
 * @param startsAtMillis event time at which the condition became true
 * @param firedAtMillis event time at which it rang; 0 while pending
 * @param endsAtMillis event time at which it was over; 0 until then
 * @param occurrences number of occurrences so far in this episode
 * @param firstMillis event time of the first counted occurrence
 * @param lastMillis event time of the last counted occurrence
 * @param summary one line for humans
 * @param description what it means, or null
 * @param runbook address of a page that says what to do, or null
 * @param notice whether it is news only: nothing is told of its end once it rang
 */
@StateType
public record Alert(
        String id,
        String cluster,
        String rule,
        String subject,
        Labels labels,
        AlertStatus status,
        Severity severity,
        long startsAtMillis,
        long firedAtMillis,
        long endsAtMillis,
        long occurrences,
        long firstMillis,
        long lastMillis,
        String summary,
        String description,
        String runbook,
        boolean notice) {

    /** The same alert with another status. */
    public Alert as(AlertStatus newStatus, long newFiredAtMillis, long newEndsAtMillis) {
        return with(
                newStatus, newFiredAtMillis, newEndsAtMillis, occurrences, firstMillis, lastMillis);
    }

    /** The same alert with other occurrences. */
    public Alert counting(long newOccurrences, long newFirstMillis, long newLastMillis) {
        return with(
                status, firedAtMillis, endsAtMillis, newOccurrences, newFirstMillis, newLastMillis);
    }

    private Alert with(
            AlertStatus newStatus,
            long newFiredAtMillis,
            long newEndsAtMillis,
            long newOccurrences,
            long newFirstMillis,
            long newLastMillis) {
        return new Alert(
                id,
                cluster,
                rule,
                subject,
                labels,
                newStatus,
                severity,
                startsAtMillis,
                newFiredAtMillis,
                newEndsAtMillis,
                newOccurrences,
                newFirstMillis,
                newLastMillis,
                summary,
                description,
                runbook,
                notice);
    }

    /** Whether it rang, and nothing will be told of its end. */
    public boolean isGivenNotice() {
        return notice && firedAtMillis != 0;
    }
}
