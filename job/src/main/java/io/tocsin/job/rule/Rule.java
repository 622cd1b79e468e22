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

import io.tocsin.job.model.Severity;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * A validated rule.
 *
 * @param name unique name
 * @param alert identity of its alerts; several rules may share one
 * @param per the fields whose values make a subject
 * @param match what triggers it; for a sequence what all stages have in common, or null
 * @param when the condition
 * @param forMillis how long the condition must hold before it rings
 * @param clears what ends an alert; any of them
 * @param keepAlive what keeps an alert from ending by silence, or null
 * @param resolveAfterMillis silence after which an alert is over
 * @param severity severity
 * @param labels labels added to alerts; values are templates
 * @param summary template of the summary
 */
public record Rule(
        String name,
        String alert,
        List<Field> per,
        Matcher match,
        When when,
        long forMillis,
        List<Matcher> clears,
        Matcher keepAlive,
        long resolveAfterMillis,
        Severity severity,
        Map<String, String> labels,
        String summary)
        implements Serializable {

    /** The definition of the subject: its fields, joined by commas. */
    public String perId() {
        return String.join(",", per.stream().map(Field::path).toList());
    }
}
