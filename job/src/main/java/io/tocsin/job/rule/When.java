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
package io.tocsin.job.rule;

import java.io.Serializable;
import java.util.List;

/** The condition of a rule. */
public sealed interface When extends Serializable {

    /** How far apart, in milliseconds of event time, what the condition needs may lie. */
    long withinMillis();

    /**
     * At least so many occurrences lie within a time, ends included, in any order of arrival.
     *
     * @param atLeast number of occurrences
     * @param withinMillis the time
     */
    record Threshold(long atLeast, long withinMillis) implements When {}

    /**
     * A trigger was seen, and within a time after the first one the awaited event was not.
     *
     * @param awaited what should follow
     * @param withinMillis the time
     */
    record Absence(Matcher awaited, long withinMillis) implements When {}

    /**
     * A field had at least so many different values within a time, ends included.
     *
     * @param field the field; one that candidates have
     * @param atLeast number of different values
     * @param withinMillis the time
     */
    record Distinct(Field field, int atLeast, long withinMillis) implements When {}

    /**
     * Stages follow each other, with anything between, within a time (exclusive).
     *
     * @param stages the stages in order
     * @param withinMillis the time from the first to the last
     */
    record Sequence(List<Stage> stages, long withinMillis) implements When {}
}
