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

/**
 * How an alert of a rule begins to ring, goes on and ends. All times are of event time.
 *
 * @param forMillis how long the condition must hold before it rings
 * @param quietMillis silence after which an alert that does not ring yet is withdrawn; 0 for none
 * @param clears what ends an alert; any of them
 * @param keepAlive what keeps an alert from ending by silence; any of them
 * @param resolveAfterMillis silence after which an alert is over
 * @param notice whether nothing is told of the end
 */
public record Life(
        long forMillis,
        long quietMillis,
        List<Matcher> clears,
        List<Matcher> keepAlive,
        long resolveAfterMillis,
        boolean notice)
        implements Serializable {}
