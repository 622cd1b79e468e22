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
import java.util.Map;

/**
 * What alerts of a rule tell people.
 *
 * @param summary template of the summary
 * @param description template of the description, or null
 * @param runbook template of the address of a page that says what to do, or null
 * @param labels labels added to alerts; values are templates
 */
public record Texts(String summary, String description, String runbook, Map<String, String> labels)
        implements Serializable {}
